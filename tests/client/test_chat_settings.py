"""Settings of one chat (pin, mute, archive, unread), and the reader's own."""

from playwright.sync_api import expect

from apps.accounts.models import User
from tests.client.screen import Screen
from tests.client.test_talking import send


def mark(screen: Screen, words: str) -> None:
    """Choose an item of the open chat's menu by keyboard."""
    screen.page.get_by_role("button", name="More about this chat").focus()
    screen.page.keyboard.press("Enter")
    item = screen.page.locator("#chat-menu").get_by_text(words, exact=True)
    expect(item).to_be_visible()
    for _ in range(8):
        screen.page.keyboard.press("Tab")
        if item.evaluate("(item) => item === document.activeElement"):
            break
    screen.page.keyboard.press("Enter")


def test_chat_settings_are_changed_by_keyboard(open_page, cast):
    send(cast, "Hello")
    alice = open_page(cast.alice, f"/c/{cast.chat}")
    expect(alice.rows).to_have_count(1)
    line = alice.chat_row("Bob")
    expect(line.locator("[data-unread]")).to_have_count(0)
    mark(alice, "Pin chat")
    expect(alice.page.get_by_role("heading", name="Pinned")).to_be_visible()
    mark(alice, "Mute")
    alice.page.keyboard.press("ArrowDown")
    expect(alice.page.get_by_role("button", name="For an hour")).to_be_focused()
    alice.page.keyboard.press("Enter")
    expect(alice.page.locator(".chat-quiet")).to_have_count(1)
    mark(alice, "Mark as unread")
    expect(line.locator(".badge")).to_have_text("marked as unread")
    mark(alice, "Mark as read")
    expect(line.locator(".badge")).to_have_count(0)


def test_an_archived_chat_can_be_opened_and_restored(open_page, cast):
    send(cast, "Hello")
    alice = open_page(cast.alice, f"/c/{cast.chat}")
    expect(alice.rows).to_have_count(1)
    undo = alice.page.locator(".chats-notice").get_by_role("button", name="Undo")
    for by in ("head", "row", ""):
        if by == "row":
            alice.chat_row("Bob").click(button="right")
            alice.page.get_by_role("button", name="Archive", exact=True).click()
        else:
            mark(alice, "Archive")
        expect(alice.chat_row("Bob")).to_be_hidden()
        if by:
            undo.click()
            expect(alice.chat_row("Bob")).to_be_visible()
    alice.page.get_by_text("Archived 1").click()
    alice.chat_row("Bob").click()
    mark(alice, "Unarchive")
    expect(alice.chat_row("Bob")).to_be_visible()
    expect(alice.page.get_by_text("Archived 1")).to_have_count(0)


def test_read_receipts_can_be_turned_off_in_the_profile(open_page, cast):
    alice = open_page(cast.alice)
    alice.page.get_by_role("button", name="Settings").click()
    alice.page.get_by_role("link", name="Settings").click()
    switch = alice.page.get_by_label("Share what I have read")
    expect(switch).to_be_checked()
    switch.focus()
    alice.page.keyboard.press("Space")
    alice.page.get_by_role("button", name="Save").click()
    expect(alice.page.get_by_text("Saved.")).to_be_visible()
    assert User.objects.get(id=cast.alice.id).share_seen is False


def test_the_menu_jumps_to_the_first_unread_message(open_page, cast):
    send(cast, *(f"Old {n}\n\n" for n in range(300)))
    alice = open_page(cast.alice, f"/c/{cast.chat}/at/250")
    expect(alice.page.locator("[data-seq='250']")).to_be_in_viewport()
    divider = alice.page.locator(".new")
    expect(divider).not_to_be_in_viewport()
    mark(alice, "Go to the first unread")
    expect(divider).to_be_visible()
    expect(divider).to_be_in_viewport()


def test_the_own_menu_scrolls_in_a_low_window(open_page, cast):
    alice = open_page(cast.alice, width=390)
    alice.page.set_viewport_size({"width": 390, "height": 480})
    alice.page.get_by_role("button", name="Settings").click()
    first = alice.page.get_by_role("button", name="Set your status")
    expect(first).to_be_in_viewport(ratio=1)
    alice.page.get_by_role("button", name="Sign out").scroll_into_view_if_needed()
    expect(alice.page.get_by_role("button", name="Sign out")).to_be_in_viewport(ratio=1)
