"""A direct chat of people who are no longer contacts."""

from playwright.sync_api import expect

from apps.contacts.actions import contacts
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
    for name in ("Reply", "Edit", "Pin for everybody", "Another reaction", "React with 👍"):
        expect(alice.menu.get_by_role("button", name=name, exact=True)).to_have_count(0)
    alice.page.keyboard.press("Escape")
    # Alice can still remove her reaction and delete her message; Bob sees both.
    alice.page.locator("[data-emoji]").click()
    bob.pills()
    alice.choose("Mine", "Delete")
    alice.menu.get_by_role("button", name="Delete", exact=True).click()
    expect(bob.page.locator(".row-deleted")).to_have_count(1)


def test_an_action_refused_by_the_server_shows_the_reason(enter, cast, proxy):
    """Alice's page has not received the block yet when she pins a message."""
    alice = enter(cast.alice, f"/c/{cast.chat}", via=proxy)
    alice.say("Mine")
    alice.state("Mine", "sent")
    proxy.times = lambda event: 0 if event["type"] == "contact" else 1
    database(contacts.block, cast.bob.id, cast.alice.id)
    alice.choose("Mine", "Pin for everybody")
    expect(alice.menu.get_by_role("alert")).to_have_text(
        "You are not in touch with this person, so you cannot do that. Nothing was changed."
    )
