"""Signing in and chatting by keyboard."""

from playwright.sync_api import expect

from tests.journeys.screen import Screen

PASSWORD = "a lamp and a ferry"


def test_signing_in_searching_and_replying_by_keyboard(browse, enter, cast, server):
    cast.alice.set_password(PASSWORD)
    cast.alice.save(update_fields=["password"])
    bob = enter(cast.bob, f"/c/{cast.chat}")
    bob.say("one", "two", "three")

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
    expect(page.get_by_role("searchbox", name="Find people, chats, messages")).to_be_focused()
    keyboard.type(cast.bob.username)
    keyboard.press("Enter")
    expect(alice.row("three")).to_be_visible()
    expect(alice.composer).to_be_focused()
    keyboard.type("Good morning")
    keyboard.press("Shift+Enter")
    keyboard.type("from the keyboard")
    keyboard.press("Enter")
    said = "Good morning\nfrom the keyboard"
    expect(bob.texts.last).to_have_text(said, use_inner_text=True)
    # Bob's browser may be the faster one.
    expect(alice.texts.last).to_have_text(said, use_inner_text=True)

    # Reply to a message of Bob.
    keyboard.press("Control+Shift+F6")
    keyboard.press("End")
    expect(alice.rows.last).to_be_focused()
    keyboard.press("ArrowUp")
    expect(alice.row("three")).to_be_focused()
    # An arriving message does not move the focus.
    bob.say("four")
    expect(alice.row("four")).to_be_visible()
    expect(alice.row("three")).to_be_focused()
    keyboard.press("Enter")
    menu = page.locator("message-menu")
    expect(menu.get_by_role("button").first).to_be_focused()
    while not menu.get_by_role("button", name="Reply").evaluate("it => it.matches(':focus')"):
        keyboard.press("ArrowDown")
    keyboard.press("Enter")
    expect(alice.composer).to_be_focused()
    keyboard.type("to the third")
    keyboard.press("Enter")
    expect(bob.row("to the third").locator(".quote")).to_contain_text("three")
