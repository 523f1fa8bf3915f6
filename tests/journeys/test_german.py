"""The German interface, also on a phone."""

import re

from playwright.sync_api import Page, Route, expect

from apps.accounts.actions.registration import register
from apps.accounts.models import User
from tests.journeys.conftest import Cast
from tests.journeys.screen import Screen
from tests.journeys.test_narrow import PHONE, fits
from tests.support.axe import findings
from tests.support.live import database
from tests.support.people import PASSWORD, direct_chat

# 21. November 2026 um 14:32
DAY = re.compile(r"\d\. (Januar|Februar|März|\w+) 20\d\d um \d\d:\d\d$")

# A person and one button, as large as a finger wants it.
COMPACT_PX = 64

# Whether the worker that owns the connection has started.
HAS_WORKER = """async () => {
  for (let n = 0; n < 500; n += 1) {
    const { held } = await navigator.locks.query();
    if (held.some(({ name }) => name.startsWith('parley-worker-'))) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return false;
}"""


def german(cast: Cast, username: str) -> tuple[User, str]:
    """A person who registered in German, and their chat with Bob."""
    user = database(lambda: register(username, password=PASSWORD, locale="de"))
    return user, str(database(direct_chat, user, cast.bob))


def test_sign_in_chat_and_menus_are_german(browse, server, enter, cast):
    jana, chat = german(cast, f"jana{cast.bob.username[-6:]}")
    page: Page = browse(locale="de-DE").new_page()
    page.goto(server.url)
    started: list[bool] = []

    def hold(route: Route) -> None:
        started.append(page.evaluate(HAS_WORKER))
        route.continue_()

    page.route("**/words/de.json", hold)
    page.get_by_label("Benutzername oder E-Mail").fill(jana.username)
    page.get_by_label("Passwort").fill(PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    screen = Screen(page, server.url).ready()
    assert started, "the translations were fetched"
    assert all(started), "stored chats are read while the translations are fetched"
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_role("heading", name="Mach da weiter, wo du warst")).to_be_visible()
    expect(page.get_by_role("navigation", name="Chats")).to_contain_text("Sag hallo")
    screen.chat(chat).click()
    expect(page.get_by_role("textbox", name=f"An {cast.bob.name} schreiben")).to_be_focused()
    screen.say("Grüß dich, Bob.")
    row = screen.row("Grüß dich, Bob.")
    expect(row.locator(".row-time")).to_have_attribute("title", DAY)
    expect(page.locator(".timeline")).to_contain_text("Heute")
    page.get_by_role("button", name="Emoji", exact=True).click()
    picker = page.locator("emoji-picker")
    picker.get_by_role("searchbox").fill("schmetterl")
    expect(picker.locator(".picker-one")).to_have_attribute("aria-label", "Schmetterling")
    picker.locator(".picker-one").click()
    expect(screen.composer).to_have_value("🦋")
    screen.composer.fill("")
    screen.composer.press_sequentially(":schmett")
    expect(page.get_by_role("option").filter(has_text=":butterfly:")).to_be_visible()
    screen.composer.fill("")
    screen.act("Grüß dich, Bob.", "Mehr")
    screen.menu.get_by_role("button", name="Löschen").click()
    asked = "Diese Nachricht für alle löschen? Sie lässt sich nicht zurückholen."
    expect(screen.menu).to_contain_text(asked)
    page.get_by_role("button", name="Behalten").click()
    page.get_by_role("button", name="Neue Gruppe oder neuer Chat").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Wähle eine Person, um mit ihr zu chatten")
    dialog.get_by_role("button", name="Neue Gruppe", exact=True).click()
    expect(dialog.get_by_label("Name der Gruppe")).to_be_focused()
    page.get_by_role("button", name="Schließen").click()
    bob = enter(cast.bob, f"/c/{chat}")
    bob.shows("Grüß dich, Bob.")
    expect(bob.page.locator("html")).to_have_attribute("lang", "en")


def test_german_pages_fit_a_phone(enter, browse, server, cast):
    jana, chat = german(cast, f"juna{cast.bob.username[-6:]}")
    auth_page = browse(locale="de-DE", **PHONE).new_page()
    for path in ("login", "signup", "password/reset"):
        auth_page.goto(f"{server.url}/accounts/{path}/")
        expect(auth_page.get_by_role("heading", level=1)).to_be_visible()
        fits(Screen(auth_page, server.url))

    phone = enter(jana, **PHONE)
    page = phone.page
    fits(phone)
    page.get_by_role("button", name="Einstellungen").tap()
    expect(page.get_by_role("button", name="Gespeicherte Nachrichten")).to_be_visible()
    fits(phone)
    page.get_by_role("button", name="Status setzen").tap()
    expect(page.get_by_label("Was machst du gerade?")).to_be_visible()
    fits(phone)
    page.get_by_role("button", name="Schließen").tap()

    phone.chat(chat).tap()
    expect(phone.composer).to_be_visible()
    phone.composer.fill("Bis später!")
    page.get_by_role("button", name="Senden", exact=True).tap()
    expect(phone.rows).to_have_count(1)
    fits(phone)
    assert findings(page) == []
    page.get_by_role("button", name="Mehr zu diesem Chat").tap()
    fits(phone)
    page.keyboard.press("Escape")
    pages = {
        "/people": page.get_by_role("button", name="Nachricht"),
        "/settings/notifications": page.get_by_label(
            "Stichwörter (benachrichtigen wie eine Erwähnung)"
        ),
        "/settings/profile": page.get_by_label("Zeigen, was ich gelesen habe"),
    }
    for path, part in pages.items():
        page.goto(phone.address + path)
        expect(part).to_be_visible()
        fits(phone)
        if path == "/people":
            assert page.locator("li.person").bounding_box()["height"] <= COMPACT_PX
        assert findings(page) == []
