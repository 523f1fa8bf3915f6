"""No change is accepted from people whose access has ended (promise 26): former and blocked
contacts, former members, closed accounts.
"""

from datetime import timedelta

import pytest

from apps.accounts.actions import accounts
from apps.chats.actions import edits, groups, invite_links
from apps.chats.actions.receipts import Receipt, move_positions
from apps.chats.models import Chat, Member
from apps.chats.models.member import Role
from apps.chats.queries import chat_list, members, people, positions
from apps.contacts.actions import contacts, profile
from apps.core.errors import Forbidden, NotContacts, NotFound, NotPossible, Refused
from tests.support import ended_access
from tests.support.people import in_touch, person


def test_every_action_has_a_row():
    assert {*ended_access.actions()} == {*ended_access.ALL, *ended_access.ELSEWHERE}


def tried(attempt, world, captured_events):
    """The refusal, if any, and the other recipients of publications."""
    refusal = None
    with captured_events() as events:
        try:
            attempt(world)
        except Refused as error:
            refusal = type(error)
    return refusal, {item.to for item in events} - {world.me.id}


def rows_of(chat):
    return Chat.objects.values().get(id=chat)


@pytest.mark.parametrize("side", ["the one who ends it", "the other one"])
@pytest.mark.parametrize("ending", [contacts.remove, contacts.block])
@pytest.mark.parametrize("action", ended_access.SEEN)
def test_without_contact_no_change_of_a_direct_chat_reaches_the_other(
    action, ending, side, chat, alice, bob, captured_events
):
    world = ended_access.a_world(alice, bob, chat)
    refusal, heard = tried(ended_access.SEEN[action], world, captured_events)
    assert (refusal, heard) == (None, {chat}), "accepted between contacts"
    first, second = (alice, bob) if side == "the one who ends it" else (bob, alice)
    ending(first.id, second.id)
    before = rows_of(chat)
    refusal, heard = tried(ended_access.SEEN[action], world, captured_events)
    expected = None if action == "receipts.move_positions" else NotContacts
    assert (refusal, heard) == (expected, set())
    assert rows_of(chat) == before


@pytest.mark.parametrize("action", ended_access.REMOVING_OWN)
def test_without_contact_own_messages_and_reactions_can_still_be_removed(
    action, chat, alice, bob, captured_events
):
    world = ended_access.a_world(alice, bob, chat)
    contacts.block(bob.id, alice.id)
    assert tried(ended_access.REMOVING_OWN[action], world, captured_events) == (None, {chat})


def test_without_contact_pins_and_others_messages_cannot_be_removed(chat, alice, bob):
    world = ended_access.a_world(alice, bob, chat)
    edits.pin_message(bob.id, chat, seq=world.mine, pinned=True)
    contacts.remove(bob.id, alice.id)
    with pytest.raises(NotContacts):
        edits.pin_message(alice.id, chat, seq=world.mine, pinned=False)
    with pytest.raises(Forbidden):
        edits.delete_message(alice.id, chat, seq=world.theirs)


@pytest.mark.parametrize(
    "action", [*ended_access.SEEN, *ended_access.OWN_IN_A_CHAT, *ended_access.REMOVING_OWN]
)
def test_renewed_contacts_may_do_everything_again(action, chat, alice, bob, captured_events):
    world = ended_access.a_world(alice, bob, chat)
    contacts.block(bob.id, alice.id)
    contacts.unblock(bob.id, alice.id)
    in_touch(alice, bob)
    assert tried(ended_access.ALL[action], world, captured_events)[0] is None


IN_A_GROUP = {
    **ended_access.SEEN,
    **ended_access.REMOVING_OWN,
    **ended_access.OF_GROUPS,
    **ended_access.OWN_IN_A_CHAT,
}


@pytest.fixture
def group(crew, alice, bob):
    """Bob is an admin of Alice's group, and knows an invite link from her."""
    groups.change_role(alice.id, crew, person=bob.id, role=Role.ADMIN)
    link = invite_links.create_link(alice.id, crew, lifetime=timedelta(hours=1), most_uses=None)
    third = person("third")
    in_touch(bob, third)
    return ended_access.a_world(bob, alice, crew, secret=link.secret, third=third)


@pytest.mark.parametrize("action", IN_A_GROUP)
def test_a_removed_member_cannot_change_anything(action, group, captured_events):
    groups.remove_member(group.other.id, group.chat, person=group.me.id)
    before = rows_of(group.chat)
    refusal, heard = tried(IN_A_GROUP[action], group, captured_events)
    expected = {"receipts.move_positions": None, "invite_links.join_by_link": Forbidden}
    assert (refusal, heard) == (expected.get(action, NotFound), set())
    assert rows_of(group.chat) == before


@pytest.mark.parametrize("action", ended_access.ALL)
def test_a_closed_account_cannot_change_anything(action, group, captured_events):
    accounts.deactivate(group.me.id)
    before = rows_of(group.chat)
    with captured_events() as events:
        refusal = None
        try:
            ended_access.ALL[action](group)
        except Refused as error:
            refusal = type(error)
    expected = {
        # The receipt is ignored; scheduled messages were cancelled when the account was closed.
        "receipts.move_positions": None,
        "scheduled.reschedule": NotPossible,
        "scheduled.cancel": NotPossible,
        "held.withdraw": NotPossible,
    }
    assert refusal is expected.get(action, NotFound)
    assert events == []
    assert rows_of(group.chat) == before


def test_people_who_left_may_use_a_link_and_removed_ones_may_not(group, crew, alice, bob, charlie):
    groups.leave_group(bob.id, crew)
    assert invite_links.join_by_link(bob.id, group.secret) == crew
    groups.remove_member(alice.id, crew, person=bob.id)
    fresh = invite_links.create_link(alice.id, crew, lifetime=timedelta(hours=1), most_uses=None)
    for secret in (group.secret, fresh.secret):
        with pytest.raises(Forbidden, match="Only a member can add you"):
            invite_links.join_by_link(bob.id, secret)
    assert invite_links.join_by_link(charlie.id, fresh.secret) == crew
    groups.add_members(alice.id, crew, [bob.id])
    groups.leave_group(bob.id, crew)
    # Being added again allows links again.
    assert invite_links.join_by_link(bob.id, fresh.secret) == crew
    assert not Member.objects.get(chat=crew, user=bob).removed


@pytest.mark.parametrize("ending", [contacts.remove, contacts.block])
def test_without_contact_the_chat_shows_no_new_profile_of_the_other(
    ending, chat, alice, bob, captured_events
):
    world = ended_access.a_world(alice, bob, chat)
    groups_of_both = groups.create_group(alice.id, "Both", [bob.id])
    profile.update(alice.id, version=None, about="At home", status_text="Here")
    assert the_other(bob, chat) == ("alice", "At home", "Here", 2)
    ending(alice.id, bob.id)
    with captured_events() as events:
        profile.update(alice.id, version=None, about="Somewhere", status_text="Away")
        move_positions(alice.id, [Receipt(chat, read=world.theirs)])
    assert {item.to for item in events} <= {alice.id}
    for who in (alice, bob):
        [other] = [one for one in (alice, bob) if one != who]
        assert the_other(who, chat) == (other.username, "", None, 1)
    # In a common group, people see each other like all members.
    [seen] = [one for one in members.of_chat(groups_of_both) if one.person.id == alice.id]
    assert seen.person.about == "Somewhere"
    if ending is contacts.remove:
        in_touch(bob, alice)
        assert the_other(bob, chat) == ("alice", "Somewhere", "Away", 2)


def the_other(reader, chat):
    """What the chat list and the chat's members show of the other person, and the number of visible
    positions. Checks that nobody is listed as having seen the reader's message."""
    [listed] = chat_list.by_ids(reader.id, [chat])
    [member] = [one.person for one in members.of_chat(chat) if one.person.id == listed.person.id]
    assert member == listed.person
    told = positions.of_chat(chat, reader=reader.id)
    seen, _ = people.people_by_receipt(
        chat, 1, "seen", asker=reader.id, sender=reader.id, after=None, limit=10
    )
    assert len(seen) == len(told) - 1
    status = listed.person.status
    return listed.person.username, listed.person.about, status and status.text, len(told)
