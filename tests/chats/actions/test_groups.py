"""Groups: who gets in, who may do what, and how they end for somebody."""

from datetime import timedelta
from uuid import UUID

import pytest

from apps.accounts.models import User
from apps.chats.actions import edits, groups, invite_links
from apps.chats.actions.messages import Sent, checked, send_batch
from apps.chats.models import Chat, InviteLink, Member
from apps.chats.models.member import Role
from apps.chats.queries import changes, history, lists
from apps.core.errors import (
    Forbidden,
    Invalid,
    NotContacts,
    NotFound,
    NotPossible,
    Refused,
)
from apps.core.identifiers import new_id
from apps.wire import events
from apps.wire.publish import EndListening, JoinChat, LeaveChat
from tests.support.people import in_touch, person


def say(who: User, chat: UUID, text: str = "hello") -> Sent | Refused:
    return send_batch([checked(sender=who.id, chat=chat, client_id=new_id(), text=text)])[0]


def join(chat: UUID, who: User, role: Role = Role.MEMBER) -> None:
    """Through a link of the owner's, then the role."""
    owner = Member.objects.get(chat=chat, role=Role.OWNER, left_rev=None).user_id
    link = invite_links.make_link(owner, chat, lasts=timedelta(hours=1), most_uses=None)
    invite_links.join_by_link(who.id, link.secret)
    if role != Role.MEMBER:
        groups.change_role(owner, chat, who.id, role)


def test_a_new_group_is_in_the_lists_of_its_people_and_of_nobody_else(crew, alice, bob, charlie):
    assert [chat.id for chat in lists.page_of(alice.id, before=None, limit=50)] == [crew]
    [as_bob_sees_it] = lists.page_of(bob.id, before=None, limit=50)
    assert (as_bob_sees_it.title, as_bob_sees_it.role, as_bob_sees_it.members) == (
        "Crew",
        "member",
        2,
    )
    assert lists.page_of(charlie.id, before=None, limit=50) == []


def test_a_group_is_made_of_contacts_only(alice, bob, charlie):
    in_touch(alice, bob)
    with pytest.raises(NotContacts):
        groups.create_group(alice.id, "Crew", [bob.id, charlie.id])
    assert not Chat.objects.exists()


@pytest.mark.parametrize("title", ["", "   ", "x" * 121, "a\nb\x00"])
def test_a_title_is_one_line_of_up_to_120_characters(alice, title):
    with pytest.raises(Invalid):
        groups.create_group(alice.id, title, [])


def test_every_revision_of_a_group_is_published_once_and_stored(
    crew, alice, bob, charlie, captured_events
):
    start = Chat.objects.get(id=crew).rev
    in_touch(alice, charlie)
    with captured_events() as published:
        groups.add_members(alice.id, crew, [charlie.id, bob.id])
        groups.rename_group(alice.id, crew, "Night crew")
        groups.change_role(alice.id, crew, bob.id, Role.ADMIN)
        groups.remove_member(bob.id, crew, charlie.id)
    head = Chat.objects.get(id=crew).rev
    of_chat = [item for item in published if item.to == crew]
    assert [item.rev for item in of_chat] == list(range(start + 1, head + 1))
    assert all(item.follows == item.rev - 1 for item in of_chat)
    missed = changes.since({crew: 0})[crew]
    assert missed.rev == head
    assert missed.publications[-1].rev == head


def test_who_is_added_is_told_the_chat_and_nobody_outside_is_told_anything(
    crew, alice, charlie, dana, captured_events
):
    in_touch(alice, charlie)
    with captured_events() as published:
        groups.add_members(alice.id, crew, [charlie.id])
    assert {item.to for item in published} == {crew, charlie.id}
    [told] = [item for item in published if item.to == charlie.id]
    assert isinstance(told.event, events.ChatChanged)
    assert told.effect == JoinChat(chat=crew, rev=Chat.objects.get(id=crew).rev)
    assert told.event.chat.last_seq == told.event.chat.read_seq


def test_a_removal_ends_the_stream_at_its_own_revision(crew, alice, bob, captured_events):
    with captured_events() as published:
        groups.remove_member(alice.id, crew, bob.id)
    ending = [item for item in published if item.effect == EndListening(person=bob.id)]
    assert [item.rev for item in ending] == [Chat.objects.get(id=crew).rev]
    assert [item.effect for item in published if item.to == bob.id] == [LeaveChat(chat=crew)]
    assert lists.page_of(bob.id, before=None, limit=50) == []
    assert isinstance(say(bob, crew), NotFound)


def test_who_comes_back_reads_on_from_there(crew, alice, bob):
    groups.remove_member(alice.id, crew, bob.id)
    say(alice, crew)
    groups.add_members(alice.id, crew, [bob.id])
    [chat] = lists.page_of(bob.id, before=None, limit=50)
    assert chat.read_seq == chat.last_seq
    assert isinstance(say(bob, crew), Sent)


RIGHTS = {
    # what is tried: (owner, admin, member)
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
def test_roles_may_do_what_the_table_says(crew, alice, bob, charlie, dana, right, place, role):
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
        "remove a member": lambda: groups.remove_member(actor.id, crew, dana.id),
        "remove an admin": lambda: groups.remove_member(actor.id, crew, dana.id),
        "change a role": lambda: groups.change_role(actor.id, crew, bob.id, Role.ADMIN),
        "make a link": lambda: invite_links.make_link(
            actor.id, crew, lasts=timedelta(hours=1), most_uses=1
        ),
        "delete another's message": lambda: edits.delete_message(actor.id, crew, message.seq),
        "pin": lambda: edits.pin_message(actor.id, crew, message.seq, pinned=True),
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
        lambda who, chat, bob: groups.remove_member(who, chat, bob),
        lambda who, chat, bob: groups.change_role(who, chat, bob, Role.OWNER),
        lambda who, chat, bob: groups.leave_group(who, chat),
        lambda who, chat, bob: invite_links.revoke_link(who, chat, new_id()),
        lambda who, chat, bob: invite_links.make_link(
            who, chat, lasts=timedelta(hours=1), most_uses=1
        ),
    ],
)
def test_an_outsider_finds_no_group(crew, bob, charlie, attempt):
    with pytest.raises(NotFound):
        attempt(charlie.id, crew, bob.id)


def test_an_entry_names_whom_it_is_about_unless_they_did_it_themselves(crew, alice, bob, charlie):
    join(crew, charlie)
    groups.leave_group(charlie.id, crew)
    in_touch(alice, charlie)
    groups.add_members(alice.id, crew, [charlie.id])
    groups.remove_member(alice.id, crew, charlie.id)
    entries = [(one.kind, one.sender, one.about) for one in history.newest(crew, limit=4)]
    assert entries == [
        ("joined", charlie.id, None),
        ("left", charlie.id, None),
        ("joined", alice.id, charlie.id),
        ("removed", alice.id, charlie.id),
    ]


def test_the_last_owner_cannot_vanish(crew, alice, bob):
    with pytest.raises(NotPossible):
        groups.leave_group(alice.id, crew)
    with pytest.raises(NotPossible):
        groups.change_role(alice.id, crew, alice.id, Role.MEMBER)
    groups.change_role(alice.id, crew, bob.id, Role.OWNER)
    groups.leave_group(alice.id, crew)
    assert Member.objects.get(chat=crew, left_rev=None).user_id == bob.id
    groups.leave_group(bob.id, crew)
    assert not Member.objects.filter(chat=crew, left_rev=None).exists()


def test_a_direct_chat_has_no_members_to_change(chat, alice, bob, charlie):
    in_touch(alice, charlie)
    with pytest.raises(Forbidden):
        groups.add_members(alice.id, chat, [charlie.id])
    with pytest.raises(Forbidden):
        groups.remove_member(alice.id, chat, bob.id)
    with pytest.raises(Forbidden):
        groups.rename_group(alice.id, chat, "Ours")
    with pytest.raises(NotPossible):
        groups.leave_group(alice.id, chat)


class TestInviteLinks:
    def test_only_a_hash_is_kept(self, crew, alice):
        made = invite_links.make_link(alice.id, crew, lasts=timedelta(hours=1), most_uses=None)
        stored = InviteLink.objects.get(id=made.id)
        assert made.secret not in str(vars(stored))
        assert len(made.secret) >= 22  # 128 bits in base64

    def test_an_ended_link_is_like_none(self, crew, alice, charlie):
        made = invite_links.make_link(alice.id, crew, lasts=timedelta(hours=1), most_uses=None)
        invite_links.revoke_link(alice.id, crew, made.id)
        old = invite_links.make_link(alice.id, crew, lasts=timedelta(hours=1), most_uses=None)
        InviteLink.objects.filter(id=old.id).update(expires_at=old_times())
        for secret in (made.secret, old.secret, "guess"):
            with pytest.raises(NotFound):
                invite_links.join_by_link(charlie.id, secret)

    def test_who_is_in_already_uses_nothing_up(self, crew, alice, bob):
        made = invite_links.make_link(alice.id, crew, lasts=timedelta(hours=1), most_uses=1)
        assert invite_links.join_by_link(bob.id, made.secret) == crew
        assert InviteLink.objects.get(id=made.id).uses == 0


def old_times() -> object:
    from django.utils import timezone

    return timezone.now() - timedelta(seconds=1)
