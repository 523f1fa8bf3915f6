"""From signing in to a conversation without a mouse."""

from playwright.sync_api import expect

from tests.journeys.conftest import Browse, Cast, Enter
from tests.journeys.screen import Screen
from tests.support.servers import Server

PASSWORD = "a lamp and a ferry"


def test_everything_is_done_by_keyboard(
    browse: Browse, enter: Enter, cast: Cast, server: Server
) -> None:
    cast.alice.set_password(PASSWORD)
    cast.alice.save(update_fields=["password"])
    bob = enter(cast.bob, f"/c/{cast.chat}")
    bob.say("one", "two https://example.org/", "three")

    page = browse().new_page()
    page.goto(server.url)
    keyboard = page.keyboard
    expect(page.get_by_label("Username or e-mail")).to_be_focused()
    keyboard.type(cast.alice.username)
    keyboard.press("Tab")
    keyboard.type(PASSWORD)
    keyboard.press("Enter")
    alice = Screen(page, server.url).ready()

    keyboard.press("Control+k")
    expect(page.get_by_role("searchbox", name="Find people and chats")).to_be_focused()
    keyboard.type("bob")
    expect(alice.list.get_by_role("link").first).to_contain_text("Bob")
    keyboard.press("Enter")
    expect(alice.row("three")).to_be_visible()
    expect(alice.composer).to_be_focused()
    keyboard.type("Good morning")
    keyboard.press("Shift+Enter")
    keyboard.type("from the keyboard")
    keyboard.press("Enter")
    said = "Good morning\nfrom the keyboard"
    expect(bob.texts.last).to_have_text(said, use_inner_text=True)

    # Once round: search, list, timeline, composer. And back.
    regions = [
        page.get_by_role("searchbox", name="Find people and chats"),
        alice.chat(cast.chat),
        alice.rows.last,
        alice.composer,
    ]
    for region in regions:
        keyboard.press("Control+F6")
        expect(region).to_be_focused()
    keyboard.press("Control+Shift+F6")
    expect(alice.rows.last).to_be_focused()

    keyboard.press("ArrowUp")
    expect(alice.row("three")).to_be_focused()
    keyboard.press("Home")
    expect(alice.row("one")).to_be_focused()
    keyboard.press("ArrowDown")
    keyboard.press("Tab")
    expect(page.get_by_role("link", name="https://example.org/")).to_be_focused()
    keyboard.press("Shift+Tab")
    expect(alice.rows.nth(1)).to_be_focused()
    # Words that come in take the focus from nobody.
    bob.say("four")
    expect(alice.row("four")).to_be_visible()
    expect(alice.rows.nth(1)).to_be_focused()
    expect(page.get_by_role("log").locator("p")).to_have_text("Bob: four")
    keyboard.press("Escape")
    expect(alice.composer).to_be_focused()
