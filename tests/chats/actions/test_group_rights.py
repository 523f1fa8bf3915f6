"""What each role may do in a group, and what outsiders find out."""

from datetime import timedelta

import pytest

from apps.chats.actions import edits, groups, invite_links
from apps.chats.actions.messages import Sent
from apps.chats.models import Chat, Member
from apps.chats.models.member import Role
from apps.chats.queries import changes
from apps.core.errors import (
    Forbidden,
    NotFound,
    NotPossible,
)
from apps.core.identifiers import new_id
from tests.chats.actions.test_groups import join, say
from tests.support.people import in_touch, person
from tests.support.shared_people import alice, bob, crew, shared_people

__all__ = ["alice", "bob", "crew", "shared_people"]


def test_an_outsider_cannot_find_out_who_left(crew, alice, bob, charlie):
    in_touch(bob, charlie)
    groups.leave_group(bob.id, crew)
    with pytest.raises(NotFound):
        groups.add_members(charlie.id, crew, [bob.id])


RIGHTS = {
    # action: allowed for (owner, admin, member)
    "rename": (True, True, False),
    "add": (True, True, True),
    "remove a member": (True, True, False),
    "remove an admin": (True, False, False),
    "change a role": (True, False, False),
    "make a link": (True, True, False),
    "delete another's message": (True, True, False),
    "pin": (True, True, True),
    "mention all": (True, True, False),
}


@pytest.mark.parametrize("right", RIGHTS)
@pytest.mark.parametrize(("place", "role"), list(enumerate(Role)))
def test_each_role_has_the_rights_of_the_table(crew, alice, bob, charlie, dana, right, place, role):
    actor = alice if role == Role.OWNER else charlie
    if role != Role.OWNER:
        join(crew, charlie, role)
    join(crew, dana, Role.ADMIN if right == "remove an admin" else Role.MEMBER)
    guest = person("guest")
    in_touch(actor, guest)
    message = say(bob, crew)
    assert isinstance(message, Sent)
    attempts = {
        "rename": lambda: groups.rename_group(actor.id, crew, "Other"),
        "add": lambda: groups.add_members(actor.id, crew, [guest.id]),
        "remove a member": lambda: groups.remove_member(actor.id, crew, person=dana.id),
        "remove an admin": lambda: groups.remove_member(actor.id, crew, person=dana.id),
        "change a role": lambda: groups.change_role(actor.id, crew, person=bob.id, role=Role.ADMIN),
        "make a link": lambda: invite_links.create_link(
            actor.id, crew, lifetime=timedelta(hours=1), most_uses=1
        ),
        "delete another's message": lambda: edits.delete_message(actor.id, crew, seq=message.seq),
        "pin": lambda: edits.pin_message(actor.id, crew, seq=message.seq, pinned=True),
    }
    if right == "mention all":
        said = say(actor, crew, "look, @all")
        [entry] = [p.event.message for p in changes.since({crew: said.rev - 1})[crew].publications]
        assert entry.mentions_all == RIGHTS[right][place]
    elif RIGHTS[right][place]:
        attempts[right]()
    else:
        before = Chat.objects.get(id=crew).rev
        with pytest.raises(Forbidden):
            attempts[right]()
        assert Chat.objects.get(id=crew).rev == before


@pytest.mark.parametrize(
    "attempt",
    [
        lambda who, chat, bob: groups.rename_group(who, chat, "Mine"),
        lambda who, chat, bob: groups.add_members(who, chat, []),
        lambda who, chat, bob: groups.remove_member(who, chat, person=bob),
        lambda who, chat, bob: groups.change_role(who, chat, person=bob, role=Role.OWNER),
        lambda who, chat, bob: groups.leave_group(who, chat),
        lambda who, chat, bob: invite_links.revoke_link(who, chat, link_id=new_id()),
        lambda who, chat, bob: invite_links.create_link(
            who, chat, lifetime=timedelta(hours=1), most_uses=1
        ),
    ],
)
def test_an_outsider_gets_not_found(crew, bob, charlie, attempt):
    with pytest.raises(NotFound):
        attempt(charlie.id, crew, bob.id)


def test_the_last_owner_can_neither_leave_nor_be_demoted(crew, alice, bob):
    with pytest.raises(NotPossible):
        groups.leave_group(alice.id, crew)
    with pytest.raises(NotPossible):
        groups.change_role(alice.id, crew, person=alice.id, role=Role.MEMBER)
    groups.change_role(alice.id, crew, person=bob.id, role=Role.OWNER)
    groups.leave_group(alice.id, crew)
    assert Member.objects.get(chat=crew, left_rev=None).user_id == bob.id
    groups.leave_group(bob.id, crew)
    assert not Member.objects.filter(chat=crew, left_rev=None).exists()


def test_members_of_a_direct_chat_cannot_be_changed(chat, alice, bob, charlie):
    in_touch(alice, charlie)
    with pytest.raises(Forbidden):
        groups.add_members(alice.id, chat, [charlie.id])
    with pytest.raises(Forbidden):
        groups.remove_member(alice.id, chat, person=bob.id)
    with pytest.raises(Forbidden):
        groups.rename_group(alice.id, chat, "Ours")
    with pytest.raises(NotPossible):
        groups.leave_group(alice.id, chat)
