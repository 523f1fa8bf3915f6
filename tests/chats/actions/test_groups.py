"""Groups: creating, adding and removing members, roles, and invite links."""

from datetime import timedelta
from uuid import UUID

import pytest

from apps.accounts.models import User
from apps.chats.actions import groups, invite_links
from apps.chats.actions.chat_settings import ChatSettings, set_chat_settings
from apps.chats.actions.messages import Sent, send_batch, validated_send
from apps.chats.models import Chat, Member
from apps.chats.models.member import Role
from apps.chats.queries import changes, chat_list, history
from apps.contacts.models import Contact
from apps.core import limits
from apps.core.errors import (
    Invalid,
    NotContacts,
    NotFound,
    NotPossible,
    RateLimited,
    Refused,
)
from apps.core.identifiers import new_id
from apps.wire import events
from apps.wire.publish import JoinChat, LeaveChat
from tests.support.events import Capture
from tests.support.people import in_touch, person
from tests.support.reading import chat_revs
from tests.support.statements import traffic


def say(who: User, chat: UUID, text: str = "hello") -> Sent | Refused:
    return send_batch([validated_send(sender=who.id, chat=chat, client_id=new_id(), text=text)])[0]


def join(chat: UUID, who: User, role: Role = Role.MEMBER) -> None:
    """Join by a link of the owner, then get the role."""
    owner = Member.objects.get(chat=chat, role=Role.OWNER, left_rev=None).user_id
    link = invite_links.create_link(owner, chat, lifetime=timedelta(hours=1), most_uses=None)
    invite_links.join_by_link(who.id, link.secret)
    if role != Role.MEMBER:
        groups.change_role(owner, chat, person=who.id, role=role)


def test_a_new_group_is_in_its_members_chat_lists_only(crew, alice, bob, charlie):
    assert [chat.id for chat in chat_list.page(alice.id, before=None, limit=50)] == [crew]
    [as_bob_sees_it] = chat_list.page(bob.id, before=None, limit=50)
    assert (as_bob_sees_it.title, as_bob_sees_it.role, as_bob_sees_it.members) == (
        "Crew",
        "member",
        2,
    )
    assert chat_list.page(charlie.id, before=None, limit=50) == []


def test_a_group_can_be_created_with_contacts_only(alice, bob, charlie):
    in_touch(alice, bob)
    with pytest.raises(NotContacts):
        groups.create_group(alice.id, "Crew", [bob.id, charlie.id])
    assert not Chat.objects.exists()


@pytest.mark.parametrize("title", ["", "   ", "\u200b\u3164", "x" * 121, "a\nb\x00"])
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
        groups.change_role(alice.id, crew, person=bob.id, role=Role.ADMIN)
        groups.remove_member(bob.id, crew, person=charlie.id)
    head = Chat.objects.get(id=crew).rev
    of_chat = [item for item in published if item.to == crew]
    assert [item.rev for item in of_chat] == list(range(start + 1, head + 1))
    assert all(item.follows == item.rev - 1 for item in of_chat)
    missed = changes.since({crew: 0})[crew]
    assert missed.rev == head
    assert missed.publications[-1].rev == head


def test_an_added_member_gets_the_chat_and_outsiders_get_nothing(
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


def test_a_removal_ends_the_members_stream_at_its_revision(crew, alice, bob, captured_events):
    with captured_events() as published:
        groups.remove_member(alice.id, crew, person=bob.id)
    ending = [item for item in published if item.effect == LeaveChat(chat=crew, person=bob.id)]
    of_chat, of_person = sorted(ending, key=lambda item: item.stream)
    assert (of_chat.to, of_chat.rev) == (crew, Chat.objects.get(id=crew).rev)
    assert [item for item in published if item.to == bob.id] == [of_person]
    assert chat_list.page(bob.id, before=None, limit=50) == []
    assert isinstance(say(bob, crew), NotFound)


def test_a_returning_member_starts_with_everything_read(crew, alice, bob):
    set_chat_settings(bob.id, crew, ChatSettings(unread_from=1, pinned=True))
    groups.remove_member(alice.id, crew, person=bob.id)
    say(alice, crew)
    groups.add_members(alice.id, crew, [bob.id])
    [chat] = chat_list.page(bob.id, before=None, limit=50)
    assert chat.read_seq == chat.last_seq
    assert (chat.marked_unread, chat.unread_from, chat.pinned) == (False, None, True)
    assert Member.objects.get(chat_id=crew, user=bob).unread_from is None
    assert isinstance(say(bob, crew), Sent)


def test_people_who_left_can_return_by_a_link_only(crew, alice, bob, charlie):
    in_touch(alice, charlie)
    groups.leave_group(bob.id, crew)
    with pytest.raises(NotPossible, match="invite link"):
        groups.add_members(alice.id, crew, [charlie.id, bob.id])
    assert chat_revs(charlie.id) == {}
    join(crew, bob)
    assert isinstance(say(bob, crew), Sent)
    # Being removed afterwards does not count as leaving.
    groups.remove_member(alice.id, crew, person=bob.id)
    groups.add_members(alice.id, crew, [bob.id])
    groups.leave_group(bob.id, crew)
    with pytest.raises(NotPossible):
        groups.add_members(alice.id, crew, [bob.id])


def test_adding_the_same_person_to_groups_is_limited_per_day(alice, bob, charlie):
    for friend in (bob, charlie):
        in_touch(alice, friend)
    first = groups.create_group(alice.id, "First", [bob.id])
    used = limits.ADDED_BY_SAME_PERSON.amount - 1
    limits.check(limits.ADDED_BY_SAME_PERSON, f"{alice.id}:{bob.id}", uses=used)
    with pytest.raises(RateLimited):
        groups.create_group(alice.id, "Another", [charlie.id, bob.id])
    another = groups.create_group(alice.id, "Another", [charlie.id])
    with pytest.raises(RateLimited):
        groups.add_members(alice.id, another, [bob.id])
    assert [*chat_revs(bob.id)] == [first]
    in_touch(bob, charlie)
    groups.create_group(charlie.id, "Of another", [bob.id])


def test_added_people_are_counted_individually(alice, bob, charlie):
    for friend in (bob, charlie):
        in_touch(alice, friend)
    limits.check(limits.MEMBERS_ADDED, alice.id, uses=limits.MEMBERS_ADDED.amount - 1)
    with pytest.raises(RateLimited):
        groups.create_group(alice.id, "Both", [bob.id, charlie.id])
    groups.create_group(alice.id, "One", [bob.id])
    with pytest.raises(RateLimited):
        groups.create_group(alice.id, "One more", [charlie.id])


def test_the_number_of_usable_links_is_limited(crew, alice, bob, monkeypatch):
    def make(uses=None):
        return invite_links.create_link(alice.id, crew, lifetime=timedelta(hours=1), most_uses=uses)

    monkeypatch.setattr(invite_links, "MAX_LINKS", 2)
    first = make()
    make()
    with pytest.raises(NotPossible, match="Revoke one first"):
        make()
    invite_links.revoke_link(alice.id, crew, link_id=first.id)
    make()


def test_a_system_entry_names_the_person_unless_they_acted_themselves(crew, alice, bob, charlie):
    in_touch(alice, charlie)
    groups.add_members(alice.id, crew, [charlie.id])
    groups.remove_member(alice.id, crew, person=charlie.id)
    groups.add_members(alice.id, crew, [charlie.id])
    groups.leave_group(charlie.id, crew)
    join(crew, charlie)
    entries = [(one.kind, one.sender, one.about) for one in history.newest(crew, limit=5)]
    assert entries == [
        ("joined", alice.id, charlie.id),
        ("removed", alice.id, charlie.id),
        ("joined", alice.id, charlie.id),
        ("left", charlie.id, None),
        ("joined", charlie.id, None),
    ]


def statements_to_add(amount: int, captured_events: Capture) -> int:
    """The number of SQL statements, including the transaction, for adding people to a new group."""
    owner = person(f"owner-of-{amount}")
    people = [person(f"{amount}-{number}") for number in range(amount)]
    Contact.objects.bulk_create(
        Contact(owner=one, other=other, state="contact", since=old_times(), owner_rev=0)
        for each in people
        for one, other in ((owner, each), (each, owner))
    )
    crew = groups.create_group(owner.id, "Crew", [])
    with traffic() as sent, captured_events() as events:
        groups.add_members(owner.id, crew, [each.id for each in people])
    assert Member.objects.filter(chat=crew, left_rev=None).count() == amount + 1
    revs = [item.rev for item in events if item.to == crew]
    assert len(revs) == 2 * amount
    assert revs == [*range(revs[0], revs[0] + 2 * amount)]
    assert {item.to for item in events} == {crew} | {each.id for each in people}
    return sent.statements


def test_adding_a_hundred_people_runs_as_many_statements_as_adding_two(
    db, settings, captured_events
):
    settings.GROUP_SIZE = 200
    assert statements_to_add(100, captured_events) == statements_to_add(2, captured_events) <= 20


def old_times() -> object:
    from django.utils import timezone

    return timezone.now() - timedelta(seconds=1)
