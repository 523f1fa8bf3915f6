"""What a person sees and does on a page of the product."""

from typing import Any

from playwright.sync_api import Locator, Page, expect


class Screen:
    """One tab. Names of things are what people read, not how they are marked up."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    def go(self, path: str) -> None:
        """Load an address of the product."""
        self.page.goto(f"{self.url}{path}")

    @property
    def rows(self) -> Locator:
        """The messages in the window."""
        return self.page.locator(".row")

    @property
    def last_row(self) -> Locator:
        """The newest message in the window."""
        return self.rows.last

    @property
    def box(self) -> Locator:
        """Where one writes."""
        return self.page.locator("textarea")

    @property
    def pill(self) -> Locator:
        """The way to the end, shown while the reader is elsewhere."""
        return self.page.locator(".pill")

    def chat_row(self, name: str) -> Locator:
        """A line of the chat list."""
        return self.page.locator(".chat", has_text=name)

    def person(self, part: str, name: str) -> Locator:
        """Somebody in a part (`incoming`, `outgoing`, `contact`) of the people page."""
        return self.page.locator(f"[data-part={part}] .person", has_text=name)

    def say(self, text: str) -> None:
        """Write and press Enter."""
        self.box.fill(text)
        self.box.press("Enter")

    def settle(self) -> None:
        """Until a timeline is there."""
        expect(self.page.locator(".row, .timeline-empty").first).to_be_visible()

    def run(self, script: str, given: Any = None) -> Any:
        """Evaluate a function in the page."""
        return self.page.evaluate(script, given)

    def module(self, name: str) -> str:
        """The address of a module, for `import()` in `run`."""
        link = self.page.locator("link[rel=icon]").get_attribute("href")
        return f"{(link or '').removesuffix('icon.svg')}{name}"
