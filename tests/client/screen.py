"""Page object: what a person sees and does in one tab."""

from typing import Any

from playwright.sync_api import Locator, Page, expect


class Screen:
    """One tab. Elements are found by their visible text where possible."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    def go(self, path: str) -> None:
        """Load a path of the app."""
        self.page.goto(f"{self.url}{path}")

    @property
    def rows(self) -> Locator:
        """The message rows in the timeline."""
        return self.page.locator(".row")

    @property
    def last_row(self) -> Locator:
        """The last row in the timeline."""
        return self.rows.last

    @property
    def box(self) -> Locator:
        """The composer's text field."""
        return self.page.locator("textarea")

    @property
    def pill(self) -> Locator:
        """The button to the newest message, shown while scrolled up."""
        return self.page.locator(".pill")

    def chat_row(self, name: str) -> Locator:
        """A chat in the list of chats."""
        return self.page.locator(".chat", has_text=name)

    def person(self, part: str, name: str) -> Locator:
        """A person in a section (`incoming`, `outgoing`, `contact`) of the people page."""
        return self.page.locator(f"[data-part={part}] .person", has_text=name)

    def say(self, text: str) -> None:
        """Type a message and press Enter."""
        self.box.fill(text)
        self.box.press("Enter")

    def settle(self) -> None:
        """Wait until the timeline is shown."""
        expect(self.page.locator(".row, .timeline-empty").first).to_be_visible()

    def run(self, script: str, given: Any = None) -> Any:
        """Evaluate a function in the page."""
        return self.page.evaluate(script, given)

    def module(self, name: str) -> str:
        """The address of a module, for `import()` in `run`."""
        link = self.page.locator("link[rel=icon]").get_attribute("href")
        return f"{(link or '').removesuffix('icon.svg')}{name}"
