"""Page object of the journeys: what a person sees and does in one tab."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any
from uuid import UUID

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

HOVERS, HOVER_MS = 5, 3000

# Playwright's own wait takes a promise for true.
WAIT_FOR_DEBUG = """async () => {
  const { release } = document.body.dataset;
  const { connect } = await import(`/static/${release}/realtime/client.js`);
  for (;;) {
    const view = await connect().debug();
    if ((CONDITION)(view)) return view;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}"""


class Screen:
    """One tab of one person. `area` shows the messages meant."""

    def __init__(self, page: Page, address: str, area: str = "chat-timeline") -> None:
        self.page = page
        self.address = address
        self.area = page.locator(area)
        self.app = page.locator("parley-app")
        self.rows = self.area.locator("li.row")
        self.texts = self.rows.locator(".text")
        foot = ".foot" if area == "chat-timeline" else area
        self.composer = page.locator(f"{foot} chat-composer textarea")
        self.timeline = page.locator("chat-timeline .timeline")
        self.list = page.locator("chat-list")
        self.divider = page.locator("li.new")
        self.status_banner = page.locator(".side .banner:not(:has([data-notice]))")
        self.invitations = page.locator("[data-invitations]")

    def ready(self) -> Screen:
        """Wait until the app is drawn and in sync."""
        expect(self.page.locator(".me-name .dot")).to_be_attached()
        return self

    def go(self, path: str) -> Screen:
        """Load a path of the app."""
        self.page.goto(self.address + path)
        return self.ready()

    def close_dialogs(self) -> Screen:
        """Close what a test left open over the page."""
        dialogs = self.page.locator("dialog[open]")
        if dialogs.count():
            self.page.keyboard.press("Escape")
        expect(dialogs).to_have_count(0)
        return self

    def leave(self) -> Screen:
        """Leave what is open for `/`, without loading a page."""
        self.page.get_by_role("link", name="Parley", exact=True).click()
        expect(self.composer).to_have_count(0)
        return self

    @property
    def thread(self) -> Screen:
        """The thread in the panel."""
        return Screen(self.page, self.address, "chat-thread")

    # -- people ----------------------------------------------------------------------------------

    def person(self, name: str, part: str = "") -> Locator:
        """A person on the people page; `part` is incoming, outgoing, contact or blocked."""
        state = f"[data-state={part}]" if part else ""
        return self.page.locator(f"people-view li.person{state}", has_text=name)

    def find(self, name: str) -> Locator:
        """Search for people; returns the result with this name."""
        self.page.get_by_role("searchbox", name="Find people by name or username").fill(name)
        found = self.page.get_by_role("region", name="Found")
        return found.locator("li.person", has_text=name)

    # -- chats -----------------------------------------------------------------------------------

    def chat(self, id: UUID | str) -> Locator:
        """A chat in the list of chats."""
        return self.list.locator(f"a[data-chat='{id}']")

    def open(self, id: UUID | str) -> Screen:
        """Open a chat by a click in the list."""
        self.chat(id).click()
        expect(self.composer).to_be_visible()
        return self

    def search(self, words: str) -> Locator:
        """Search with Ctrl+K; returns the dialog with the results."""
        field = self.page.get_by_role("searchbox", name="Find people, chats, messages")
        if not field.count():
            self.page.keyboard.press("Control+k")
        field.fill(words)
        return self.page.locator("search-dialog")

    def write(self, *texts: str) -> None:
        """Write each text and press Enter. The message may wait on the device."""
        for text in texts:
            self.composer.fill(text)
            self.composer.press("Enter")
            expect(self.composer).to_have_value("")

    def say(self, *texts: str) -> None:
        """As `write`; returns when the server has the messages, so that later ones come after."""
        self.write(*texts)
        self.sent()

    def say_by_touch(self, text: str) -> None:
        """As `say`, with the button: on a touch screen Enter starts a new line."""
        self.composer.fill(text)
        self.page.get_by_role("button", name="Send", exact=True).tap()
        expect(self.composer).to_have_value("")
        self.sent()

    def sent(self) -> None:
        """Wait until no message waits on this device."""
        self.wait_for_debug("(view) => view.outbox === 0")

    def row(self, text: str) -> Locator:
        """The row with exactly this text."""
        return self.rows.filter(has=self.page.locator(".text", has_text=exactly(text)))

    def shows(self, *texts: str) -> None:
        """Wait until the timeline shows exactly these texts, in this order."""
        expect(self.texts).to_have_text(list(texts))

    def state(self, text: str, *states: str) -> None:
        """Wait until the row has one of these states: pending, sent, delivered, read."""
        wanted = re.compile(f"^({'|'.join(states)})$")
        expect(self.row(text)).to_have_attribute("data-state", wanted)

    # -- actions on a message ----------------------------------------------------------------------

    @property
    def menu(self) -> Locator:
        """The menu of a message."""
        return self.page.locator("message-menu")

    def act(self, text: str, name: str) -> None:
        """Click a button in the action bar of the row with this text.

        A row that arrives can move this one away from under the mouse, and the bar goes. So hover
        again, as a person would.
        """
        row = self.row(text)
        button = row.locator(".action-bar").get_by_role("button", name=name, exact=True)
        for _ in range(HOVERS):
            row.hover()
            with suppress(PlaywrightTimeoutError):
                button.click(timeout=HOVER_MS)
                return
        button.click()

    def choose(self, text: str, name: str) -> None:
        """Choose an item in the menu of the row with this text."""
        self.act(text, "More")
        self.menu.get_by_role("button", name=name, exact=True).click()

    def pills(self, *words: str) -> None:
        """Wait until exactly these reactions are shown."""
        wanted = [re.compile(one) for one in words]
        expect(self.area.locator("[data-emoji]")).to_have_text(wanted)

    # -- settings of a chat ------------------------------------------------------------------------

    def mark(self, words: str) -> None:
        """Choose an item in the menu of the open chat."""
        self.page.get_by_role("button", name="More about this chat").click()
        menu = self.page.locator("#chat-menu")
        if words.startswith(("For ", "Until ")):
            menu.get_by_text("Mute", exact=True).click()
        menu.get_by_role("button", name=words, exact=True).click()

    def row_menu(self, id: UUID | str) -> Locator:
        """Open the menu of a chat in the list, by a right click; returns it."""
        self.chat(id).click(button="right")
        return self.page.locator("chat-list-menu .menu")

    # -- focus -----------------------------------------------------------------------------------

    def look_away(self) -> None:
        """Focus another tab. (By default Playwright makes every page believe it has the focus.)"""
        session = self.page.context.new_cdp_session(self.page)
        session.send("Emulation.setFocusEmulationEnabled", {"enabled": False})
        session.detach()
        self.page.context.new_page().bring_to_front()
        self.page.wait_for_function("!document.hasFocus()")
        self.debug()  # a round trip: the worker knows it, too

    def look(self) -> None:
        """Focus this tab again."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("Emulation.setFocusEmulationEnabled", {"enabled": True})
        session.detach()
        self.page.bring_to_front()

    # -- internals -------------------------------------------------------------------------------

    def debug(self) -> dict[str, Any]:
        """The client's debug counters."""
        return self.wait_for_debug("() => true")

    def wait_for_debug(self, condition: str) -> dict[str, Any]:
        """Wait until a JavaScript function of the debug counters returns true. Returns them."""
        return self.page.evaluate(WAIT_FOR_DEBUG.replace("CONDITION", condition))


def exactly(text: str) -> re.Pattern[str]:
    """A pattern that matches only the whole text."""
    return re.compile(f"^{re.escape(text)}$")
