"""The card of a person, opened by their name wherever it stands."""

from playwright.sync_api import expect

from apps.chats.actions import groups
from apps.contacts.queries.contacts import list_for
from tests.client.screen import Screen
from tests.support.live import database
from tests.support.people import in_touch


def card(screen: Screen, name: str) -> None:
    """Wait until the card of this person is open, then close it."""
    dialog = screen.page.get_by_role("dialog", name=name)
    expect(dialog.locator(".person-card-who")).to_be_visible()
    screen.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_a_name_opens_the_card_of_the_person(open_page, cast):
    alice = open_page(cast.alice, f"/c/{cast.chat}")
    alice.page.locator(".head-name").get_by_role("button", name="Bob").click()
    card(alice, "Bob")
    bob = open_page(cast.bob, f"/c/{cast.chat}")
    bob.say(f"@{cast.alice.username} here I am")
    alice.rows.get_by_role("button", name="Bob").click()
    card(alice, "Bob")
    alice.page.locator(".mention").click()
    card(alice, "Alice")
    # By keyboard: Tab leads from the row into it; and the menu of the message.
    alice.last_row.focus()
    for _ in range(alice.last_row.locator("a, button, [role=button]").count()):
        alice.page.keyboard.press("Tab")
        if alice.page.locator(".mention:focus").count():
            break
    alice.page.keyboard.press("Enter")
    card(alice, "Alice")
    alice.last_row.focus()
    alice.page.keyboard.press("Enter")
    alice.page.get_by_role("button", name="About the sender").click()
    card(alice, "Bob")
    alice.page.get_by_role("button", name="More about this chat").click()
    alice.page.get_by_role("button", name="Block…").click()
    asked = alice.page.get_by_role("dialog", name="Bob")
    expect(asked).to_contain_text("Block Bob?")
    expect(asked.get_by_role("button", name="Cancel")).to_be_focused()
    card(alice, "Bob")


def test_a_member_invites_another_one_by_the_card(open_page, cast, db):
    database(in_touch, cast.bob, cast.charlie)
    people = [cast.alice.id, cast.charlie.id]
    crew = database(groups.create_group, cast.bob.id, "Ferry", people)
    alice = open_page(cast.alice, f"/c/{crew}")
    alice.page.locator(".head-name").get_by_role("button", name="Ferry").click()
    alice.page.locator(".member").get_by_role("button", name="Charlie", exact=True).click()
    dialog = alice.page.get_by_role("dialog", name="Charlie")
    dialog.get_by_role("button", name="Invite").click()
    dialog.get_by_label("reads with the invitation").fill("From the **ferry**")
    expect(dialog).to_contain_text("Invitation sent")
    dialog.get_by_role("button", name="Add greeting").click()
    expect(dialog.locator(".greeting")).to_have_text("From the ferry")
    expect(dialog.locator(".greeting strong")).to_have_text("ferry")
    [invitation] = database(list_for, cast.charlie.id)[-1:]
    assert (invitation.state, invitation.greeting) == ("incoming", "From the **ferry**")


def test_a_blank_typed_into_a_new_dialog_does_not_close_it(open_page, cast):
    alice = open_page(cast.alice)
    page, dialog = alice.page, alice.page.get_by_role("dialog")
    menu = [
        "Set your status",
        "Saved messages",
        "Scheduled messages",
        "Pictures and data",
        "My reports",
    ]
    for opener in ("New group or chat", *menu):
        if opener in menu:
            page.get_by_role("button", name="Settings").click()
        page.get_by_role("button", name=opener).click()
        expect(dialog.locator("input:focus, h2:focus")).to_have_count(1)
        page.keyboard.type(" a b")
        expect(dialog).to_be_visible()
        dialog.get_by_role("button", name="Close").press("Enter")
        expect(dialog).to_have_count(0)
