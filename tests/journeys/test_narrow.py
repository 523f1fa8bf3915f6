"""Layout on a phone and in right-to-left languages."""

import pytest
from playwright.sync_api import expect

from apps.accounts.models import User
from tests.journeys.screen import Screen
from tests.journeys.shown_files import pictures, send
from tests.support.live import database
from tests.support.people import direct_chat, person
from tests.support.targets import unreachable

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
LONG = "Donaudampfschifffahrtsgesellschaftskapitän" * 6
GREETING = "صباح الخير، هل قرأت **الخطة**؟"
# Where a text is, and each of its lines.
LINES = """(text) => {
  const range = document.createRange();
  range.selectNodeContents(text);
  return [text, ...range.getClientRects()].map((one) => {
    const { left, right } = one.getBoundingClientRect?.() ?? one;
    return { left, right };
  });
}"""
MIXED = "الرابط https://example.org/a هنا"


def fits(screen: Screen) -> None:
    """Assert that no element is wider than the screen."""
    page = screen.page
    # Names and last messages in the list are cut by an ellipsis; two lists are scrolled sideways.
    wide = """[...document.querySelectorAll('body, body *')].filter((one) => {
      const cut = '.visually-hidden, .skip, svg, .chat-name, .chat-last';
      const passed = `${cut}, .settings-nav li, .search-filters > *`;
      if (!one.checkVisibility() || one.closest(passed)) return false;
      const { left, right } = one.getBoundingClientRect();
      return left < -1 || right > innerWidth + 1;
    }).map((one) => one.outerHTML.slice(0, 100))"""
    assert page.evaluate("document.scrollingElement.scrollWidth") <= page.viewport_size["width"]
    assert page.evaluate(wide) == []


def renamed(user: User, name: str) -> User:
    """Rename a person; returns them."""
    user.name = name
    user.save(update_fields=["name"])
    return user


def test_a_phone_shows_one_pane_at_a_time(enter, cast):
    renamed(cast.bob, f"Bob {LONG}"[:80])
    alice, bob = enter(cast.alice, **PHONE), enter(cast.bob, f"/c/{cast.chat}")
    bob.say(LONG, f"https://example.org/{LONG}", f"```\n{LONG}\n```")
    expect(alice.chat(cast.chat).locator("[data-unread]")).to_have_attribute("data-unread", "3")
    # Hidden visually, kept for screen readers.
    expect(alice.page.locator("main")).to_have_css("width", "1px")
    expect(alice.page.get_by_text("Ctrl K")).to_be_hidden()
    expect(bob.page.get_by_text("Ctrl K")).to_be_visible()
    fits(alice)

    # What narrows a search is pressed, not typed.
    alice.page.get_by_role("button", name="Find people, chats, messages").tap()
    chips = alice.page.get_by_role("group", name="Filters").get_by_role("button")
    expect(chips).to_have_text(["Pictures", "Any file", "Links", "From", "In", "Before"])
    chips.filter(has_text="From").tap()
    alice.page.get_by_role("group", name="Suggestions").get_by_role("button", name="Bob").tap()
    found = alice.page.get_by_role("region", name="Messages").get_by_role("link")
    expect(found).to_have_count(3)
    fits(alice)
    alice.close_dialogs()

    alice.chat(cast.chat).tap()
    expect(alice.rows).to_have_count(3)
    expect(alice.list).to_be_hidden()
    expect(alice.composer).to_have_attribute("placeholder", "Write")
    fits(alice)
    block, copy = (alice.page.locator(one).bounding_box() for one in ("pre", ".code-copy"))
    assert copy["y"] + copy["height"] <= block["y"] + block["height"]
    alice.composer.fill(LONG)
    fits(alice)
    alice.page.get_by_role("button", name="Send", exact=True).tap()
    expect(bob.rows).to_have_count(4)
    expect(alice.rows).to_have_count(4)
    expect(alice.rows.last.locator(".row-own-time")).to_be_visible()
    expect(bob.rows.first.locator(".row-own-time")).to_have_css("display", "none")
    fits(alice)
    alice.page.get_by_role("button", name="More about this chat").tap()
    fits(alice)
    alice.page.keyboard.press("Escape")

    alice.page.get_by_role("link", name="Back to your chats").tap()
    expect(alice.chat(cast.chat)).to_be_visible()
    expect(alice.composer).to_have_count(0)
    alice.page.go_back()
    expect(alice.rows).to_have_count(4)
    alice.page.get_by_role("link", name="Back to your chats").tap()

    alice.page.get_by_role("link", name="People", exact=True).first.tap()
    expect(alice.person("Bob", "contact")).to_be_visible()
    expect(alice.find(cast.charlie.username)).to_be_visible()
    fits(alice)

    zoomed(bob)


def zoomed(screen: Screen) -> None:
    """Assert that nothing of an open chat gets lost at 200 % and in forced colours."""
    page = screen.page
    page.set_viewport_size({"width": 640, "height": 400})
    page.emulate_media(forced_colors="active")
    fits(screen)
    assert unreachable(page) == []
    page.get_by_role("button", name="More about this chat").click()
    fits(screen)
    assert unreachable(page, "#chat-menu") == []
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Back to your chats").click()
    expect(screen.list).to_be_visible()
    assert unreachable(page) == []


def test_back_closes_what_covers_the_chat(enter, cast):
    [file] = database(pictures, cast.bob, "harbour.jpg")
    database(send, cast.bob, cast.chat, file, text="The harbour https://example.org")
    alice = enter(cast.alice, **PHONE)
    page = alice.page
    alice.chat(cast.chat).tap()
    chat = f"{alice.address}/c/{cast.chat}"
    viewer, panel = page.locator("dialog.viewer"), page.locator(".panel")
    page.get_by_role("button", name="Open harbour.jpg").tap()
    expect(viewer).to_be_visible()
    page.go_back()
    expect(viewer).to_have_count(0)
    expect(page).to_have_url(chat)

    # The panel, and the viewer above it. Tab does not reach what it covers.
    alice.mark("Files")
    expect(page.locator(".room > [inert]")).to_have_count(2)
    expect(page.locator(".timeline[inert]")).to_have_count(1)
    panel.get_by_role("button", name="Open harbour.jpg").tap()
    expect(viewer).to_be_visible()
    fits(alice)
    page.go_back()
    expect(viewer).to_have_count(0)
    expect(panel).to_be_visible()
    panel.get_by_text("Links").tap()
    expect(panel.get_by_role("link", name="example.org")).to_be_visible()
    fits(alice)
    page.go_back()
    expect(panel).to_have_count(0)
    expect(page.locator("[inert]")).to_have_count(0)
    expect(page).to_have_url(chat)

    # Nor is there anything to close after a reload.
    page.get_by_role("button", name="Open harbour.jpg").tap()
    expect(viewer).to_be_visible()
    page.reload()
    page.wait_for_function("history.state === null")
    expect(page).to_have_url(chat)

    # What is closed in another way leaves nothing that Back would have to close.
    page.get_by_role("button", name="Open harbour.jpg").tap()
    page.get_by_role("link", name="Show in the chat").tap()
    expect(page).to_have_url(f"{chat}/at/1")
    page.get_by_role("button", name="Open harbour.jpg").tap()
    viewer.get_by_role("button", name="Close").tap()
    expect(viewer).to_have_count(0)
    page.wait_for_function("history.state === null")
    page.go_back()
    expect(page).to_have_url(chat)
    page.go_back()
    expect(alice.chat(cast.chat)).to_be_visible()
    expect(page).to_have_url(f"{alice.address}/")


def test_auth_pages_fit_a_phone(browse, server, db):
    page = browse(**PHONE).new_page()
    for path in ("login", "signup", "password/reset"):
        page.goto(f"{server.url}/accounts/{path}/")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        fits(Screen(page, server.url))


def test_arabic_text_is_right_to_left_on_any_page(enter, cast):
    layla = database(person, f"layla-{cast.chat.hex[-6:]}", name="ليلى حداد")
    chat = database(direct_chat, layla, cast.bob)
    bob, phone = enter(cast.bob, f"/c/{chat}"), enter(layla, f"/c/{chat}", **PHONE)
    phone.composer.fill(GREETING)
    expect(phone.composer).to_have_css("direction", "rtl")
    phone.page.get_by_role("button", name="Send", exact=True).tap()
    phone.say_by_touch(MIXED)
    expect(bob.texts).to_have_text([GREETING.replace("**", ""), MIXED])
    bob.say("Plain English.")
    phone.say_by_touch(f"{GREETING}\nEnglish.")
    # Each line begins where its own direction does, and no sign of its delivery stands there.
    expect(phone.texts).to_have_count(4)
    box, *lines = phone.texts.last.evaluate(LINES)
    assert lines[0]["right"] == pytest.approx(box["right"], abs=1)
    assert lines[-1]["left"] == pytest.approx(box["left"], abs=1)
    for screen in (bob, phone):
        expect(screen.texts.nth(0)).to_have_css("direction", "rtl")
        expect(screen.texts.nth(2)).to_have_css("direction", "ltr")
        expect(screen.texts.nth(1).get_by_role("link")).to_have_css("direction", "ltr")
    expect(bob.page.get_by_role("heading", level=1)).to_have_text("ليلى حداد")


def test_a_right_to_left_page_is_mirrored(enter, cast):
    alice = enter(cast.alice, f"/c/{cast.chat}")
    phone = enter(cast.bob, f"/c/{cast.chat}", **PHONE)
    alice.say(GREETING, "Plain English.")
    expect(phone.rows).to_have_count(2)
    for screen in (alice, phone):
        screen.page.evaluate("document.documentElement.dir = 'rtl'")
        fits(screen)
    side, main = (alice.page.locator(name).bounding_box() for name in (".side", "main"))
    assert side["x"] > main["x"]
    time, text = (alice.rows.first.locator(name).bounding_box() for name in (".row-time", ".text"))
    assert time["x"] > text["x"]
    phone.page.get_by_role("link", name="Back to your chats").tap()
    fits(phone)
    phone.page.get_by_role("link", name="People", exact=True).first.tap()
    expect(phone.person("Alice", "contact")).to_be_visible()
    fits(phone)
