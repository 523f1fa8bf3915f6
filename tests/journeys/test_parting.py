"""Chats with people who are no longer contacts, or whose account was deleted."""

from playwright.sync_api import expect

from apps.accounts.actions import deletions, erasing
from apps.accounts.models import User
from apps.chats.actions import groups
from apps.contacts.actions import contacts
from tests.chats.factories import write
from tests.support.axe import findings
from tests.support.live import database


def test_only_own_messages_and_reactions_can_be_removed_after_a_block(enter, cast):
    path = f"/c/{cast.chat}"
    alice, bob = enter(cast.alice, path), enter(cast.bob, path)
    alice.say("Mine")
    bob.say("Yours")
    alice.shows("Mine", "Yours")
    alice.choose("Yours", "React with 👍")
    bob.pills("👍 1")

    database(contacts.block, cast.bob.id, cast.alice.id)
    expect(alice.composer).to_have_count(0)
    alice.act("Yours", "More")
    offered = alice.menu.get_by_role("button")
    expect(offered.filter(has_text="Open the thread")).to_be_visible()
    for name in ("Reply", "Edit", "Pin for everyone", "Another reaction", "React with 👍"):
        expect(alice.menu.get_by_role("button", name=name, exact=True)).to_have_count(0)
    alice.page.keyboard.press("Escape")
    # Alice can still remove her reaction and delete her message; Bob sees both.
    alice.page.locator("[data-emoji]").click()
    bob.pills()
    alice.choose("Mine", "Delete")
    alice.menu.get_by_role("button", name="Delete", exact=True).click()
    expect(bob.page.locator(".row-deleted")).to_have_count(1)


def test_an_action_refused_by_the_server_shows_the_reason(enter, cast, proxy):
    """Alice's page has not received the block yet when she pins a message, nor a heartbeat that
    tells it of something missing."""
    alice = enter(cast.alice, f"/c/{cast.chat}", via=proxy)
    alice.say("Mine")
    alice.state("Mine", "sent")
    proxy.times = lambda event: 0 if event["type"] in ("contact", "heartbeat") else 1
    database(contacts.block, cast.bob.id, cast.alice.id)
    alice.choose("Mine", "Pin for everyone")
    expect(alice.menu.get_by_role("alert")).to_have_text(
        "This person is not your contact, so you cannot do that. Nothing was changed."
    )


def delete(user):
    deletions.start(user.id, at_once=True)
    erasing.erase_due(user.id)


def test_a_deleted_person_is_a_former_member_without_a_reload(enter, cast):
    """In the list, in the head of the chat, and in a group; in the reader's language."""
    database(User.objects.filter(id=cast.bob.id).update, locale="de")
    crew = database(groups.create_group, cast.alice.id, "Crew", [cast.bob.id])
    database(write, cast.alice, crew, "In the group")
    database(write, cast.alice, cast.chat, "What stays")
    bob = enter(cast.bob, f"/c/{cast.chat}")
    group = enter(cast.bob, f"/c/{crew}")
    expect(bob.chat(cast.chat)).to_contain_text(cast.alice.name)
    expect(group.row("In the group")).to_be_visible()
    database(delete, cast.alice)
    for screen in (bob, group):
        expect(screen.chat(cast.chat)).to_contain_text("Ehemaliges Mitglied")
        expect(screen.page.get_by_text(cast.alice.name, exact=True)).to_have_count(0)
        expect(screen.page.get_by_text("@", exact=True)).to_have_count(0)
    expect(bob.page.get_by_role("heading", name="Ehemaliges Mitglied")).to_be_visible()
    expect(bob.row("What stays")).to_be_visible()
    expect(bob.composer).to_have_count(0)
    expect(group.page.get_by_text("Ehemaliges Mitglied ist gegangen").first).to_be_visible()
    for screen in (bob, group):
        assert findings(screen.page) == []
