"""axe-core finds nothing in dialogs, menus and panels, in both themes and both directions."""

from playwright.sync_api import expect

from apps.chats.actions.groups import create_group
from apps.chats.models import Message
from tests.client.screen import Screen
from tests.client.test_access import width
from tests.client.test_previews import HARBOUR
from tests.client.test_talking import send
from tests.support.axe import findings
from tests.support.live import database

__all__ = ["width"]

PROGRAM = "```python\ndef total(rows):  # of all\n    return sum(rows, 1.5)\n```"


def assert_accessible(screen: Screen, name: str) -> None:
    """Assert that axe-core finds nothing; `name` shows in the failure."""
    assert (name, findings(screen.page)) == (name, [])


def close(screen: Screen) -> None:
    """Close the dialog."""
    screen.page.get_by_role("button", name="Close").last.click()
    expect(screen.page.locator("dialog")).to_have_count(0)


def press(screen: Screen, name: str) -> None:
    """Click the button with exactly this name."""
    screen.page.get_by_role("button", name=name, exact=True).click()


def test_dialogs_of_the_sidebar_are_accessible(open_page, cast, width):
    send(cast, f"@{cast.alice.username} where is the key?")
    alice = open_page(cast.alice, width=width)
    expect(alice.chat_row("Bob")).to_be_visible()
    press(alice, "New group or chat")
    expect(alice.page.get_by_role("checkbox", name="Bob")).to_be_visible()
    assert_accessible(alice, "new group")
    close(alice)
    alice.page.keyboard.press("Control+k")
    expect(alice.page.get_by_role("searchbox")).to_be_focused()
    assert_accessible(alice, "search help")
    alice.page.keyboard.type("key")
    expect(alice.page.locator(".hit mark")).to_have_text("key")
    assert_accessible(alice, "search")
    alice.page.get_by_role("searchbox").fill("qqqq")
    expect(alice.page.get_by_text("Nothing was found")).to_be_visible()
    assert_accessible(alice, "nothing found")
    close(alice)
    alice.page.get_by_role("button", name="Settings").click()
    expect(alice.page.get_by_role("link", name="Settings")).to_be_visible()
    alice.page.locator("summary", has_text="Do not disturb").click()
    assert_accessible(alice, "settings")
    alice.page.get_by_role("button", name="Every day…").click()
    expect(alice.page.get_by_label("Every day from")).to_be_visible()
    assert_accessible(alice, "do not disturb")
    close(alice)
    for item in ("Set your status", "Saved messages", "Scheduled messages"):
        alice.page.get_by_role("button", name="Settings").click()
        expect(alice.page.get_by_role("button", name=item)).to_be_visible()
        press(alice, item)
        expect(alice.page.get_by_role("dialog")).to_be_visible()
        assert_accessible(alice, item)
        close(alice)


def test_menus_and_panels_of_a_message_are_accessible(open_page, cast, width):
    send(cast, "Look: https://harbour.test/plan", PROGRAM)
    Message.objects.filter(chat_id=cast.chat, seq=1).update(previews=[HARBOUR])
    alice = open_page(cast.alice, f"/c/{cast.chat}", width=width)
    expect(alice.page.locator(".code-keyword").first).to_be_visible()
    alice.say("An answer")
    expect(alice.last_row).to_have_attribute("data-state", "sent")
    assert_accessible(alice, "chat")
    for item in (
        "Reply",
        "Another reaction",
        "Why was I (not) notified?",
        "Open the thread",
        "Select",
        "Delete",
    ):
        row = alice.last_row if item == "Delete" else alice.rows.first
        row.focus()
        alice.page.keyboard.press("Enter")
        expect(alice.page.get_by_role("button", name="Copy a link")).to_be_visible()
        if item == "Reply":
            assert_accessible(alice, "menu of a message")
        press(alice, item)
        if item == "Another reaction":
            expect(alice.page.locator(".picker-one").first).to_be_visible()
        elif item == "Why was I (not) notified?":
            expect(alice.page.locator(".why-outcome")).to_be_visible()
        elif item == "Open the thread":
            expect(alice.page.locator("chat-thread .row").first).to_be_visible()
        elif item == "Select":
            expect(alice.page.locator(".selection-count")).to_be_visible()
        assert_accessible(alice, item)
        alice.page.keyboard.press("Escape")
    alice.box.fill("For tomorrow")
    press(alice, "Send later")
    expect(alice.page.get_by_role("button", name="Schedule")).to_be_visible()
    assert_accessible(alice, "send later")
    alice.page.get_by_role("button", name="Tomorrow at nine").click()
    expect(alice.page.locator(".later .badge")).to_be_visible()
    press(alice, "Send later")
    alice.page.get_by_role("button", name="1 scheduled").click()
    press(alice, "Change")
    expect(alice.page.get_by_label("When")).to_be_visible()
    assert_accessible(alice, "sent later")
    close(alice)
    press(alice, "More about this chat")
    expect(alice.page.get_by_role("button", name="Pinned messages")).to_be_visible()
    assert_accessible(alice, "menu of a chat")
    press(alice, "Pinned messages")
    expect(alice.page.get_by_text("Nothing is pinned here")).to_be_visible()
    assert_accessible(alice, "pins")


def test_panels_of_a_group_are_accessible(open_page, cast, width):
    group = database(create_group, cast.alice.id, "Lighthouse", [cast.bob.id])
    alice = open_page(cast.alice, f"/c/{group}", width=width)
    expect(alice.page.locator("li.event").first).to_be_visible()
    press(alice, "Who is in this group")
    expect(alice.page.locator("li.member")).to_have_count(2)
    alice.page.get_by_role("button", name="More about Bob").click()
    press(alice, "Rename")
    assert_accessible(alice, "people of a group")
    alice.page.get_by_role("button", name="Create link").click()
    alice.page.get_by_role("button", name="QR code").click()
    alice.page.locator(".invite").get_by_role("button", name="Revoke").click()
    assert_accessible(alice, "links")
    press(alice, "Add people")
    expect(alice.page.get_by_role("dialog")).to_be_visible()
    assert_accessible(alice, "add people")
