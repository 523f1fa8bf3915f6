"""Writing past entries: times, authors, threads, files and members, and that nobody is notified."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts.actions.accounts import activate
from apps.accounts.actions.placeholders import PastPerson, make_placeholder
from apps.accounts.models import Placeholder, User
from apps.chats.actions import message_days
from apps.chats.actions.imported import (
    PastChat,
    PastMember,
    add_entries,
    begin_chat,
    check_same,
    open_chat,
)
from apps.chats.actions.imported_entries import PastEntry
from apps.chats.models import Chat, HiddenContent, Member, Message, MessageDay
from apps.chats.queries import history
from apps.chats.queries.access import get_membership
from apps.contacts.actions import contacts
from apps.contacts.queries import people
from apps.core.errors import Conflict, Full, NotContacts, NotFound
from apps.core.identifiers import new_id
from apps.notifications.models import Push
from tests.chats.factories import write
from tests.support.uploads import stored_file

THEN = timezone.now() - timedelta(days=400)


def entry(seq, by, **fields):
    at = THEN + timedelta(minutes=seq)
    return PastEntry(seq=seq, id=new_id(), by=by, at=at, client_id=new_id(), **fields)


def imported(people, entries, **fields):
    chat = PastChat(id=new_id(), created_at=THEN, title="Old times", **fields)
    assert begin_chat(chat) == 0
    add_entries(chat.id, entries)
    last = entries[-1].seq
    open_chat(chat.id, [PastMember(person=one.id, read=last) for one in people])
    return chat


def test_a_chat_is_there_as_it_was(alice, bob):
    file = stored_file(alice, "plan.txt", b"the plan")
    reaction = ("👍", bob.id, THEN + timedelta(hours=2))
    entries = [
        entry(1, alice.id, kind="created", text="Old times"),
        entry(2, alice.id, text="Hello @bob", mentions=[bob.id], pinned_at=THEN),
        entry(3, bob.id, text="Hi", reply_to=2, thread=2, reactions=[reaction]),
        entry(4, bob.id, text="", deleted_at=THEN + timedelta(days=1), reply_to=2, thread=2),
        entry(5, alice.id, text="Here", files=[file.id], edits=[("Her", THEN)], edited_at=THEN),
        entry(6, bob.id, text="rude", hidden_at=THEN + timedelta(days=2)),
    ]
    chat = imported([alice, bob], entries)
    found = history.newest(chat.id, limit=9)
    assert [(one.seq, one.rev, one.sender, one.at) for one in found] == [
        (each.seq, each.seq, each.by, each.at) for each in entries
    ]
    first, reply, _, with_file, hidden = found[1:]
    assert (first.replies, first.last_reply_at, first.pinned) == (1, entries[2].at, True)
    assert first.mentions == [bob.id]
    assert [(one.emoji, one.people) for one in reply.reactions] == [("👍", [bob.id])]
    assert [one.id for one in with_file.files] == [file.id]
    file.refresh_from_db()
    assert file.uses == 1
    assert (hidden.text, hidden.hidden) == ("", True)
    assert HiddenContent.objects.get(chat_id=chat.id, seq=6).text == "rude"
    stored = Chat.objects.get(id=chat.id)
    # Two revisions more: the members.
    assert (stored.last_seq, stored.rev, stored.active_at) == (6, 8, entries[-1].at)
    assert write(bob, chat.id, "Back again").seq == 7


def test_devices_get_the_chat_and_nobody_a_push(alice, bob, charlie, captured_events):
    chat = PastChat(id=new_id(), created_at=THEN, title="Old times")
    begin_chat(chat)
    with captured_events() as events:
        add_entries(chat.id, [entry(1, alice.id, text="@all", mentions_all=True)])
    assert events == []
    with pytest.raises(NotFound):
        get_membership(alice.id, chat.id)
    members = [PastMember(person=one.id, read=1) for one in (alice, bob)]
    with captured_events() as events:
        assert open_chat(chat.id, members)
    told = {one.to: one.event.chat for one in events}
    assert {person: (body.last_seq, body.unread) for person, body in told.items()} == {
        alice.id: (1, 0),
        bob.id: (1, 0),
    }
    assert not open_chat(chat.id, members)
    assert not Push.objects.exists()
    with pytest.raises(NotFound):
        get_membership(charlie.id, chat.id)


def test_an_import_goes_on_where_it_was(alice, bob):
    chat = PastChat(id=new_id(), created_at=THEN)
    entries = [entry(seq, alice.id, text=str(seq)) for seq in range(1, 6)]
    begin_chat(chat)
    add_entries(chat.id, entries[:2])
    assert begin_chat(chat) == 2
    check_same(chat.id, [(one.seq, one.id) for one in entries[:2]])
    for wrong in (entries[1:3], entries[3:]):
        with pytest.raises(Conflict):
            add_entries(chat.id, wrong)
    add_entries(chat.id, entries[2:])
    assert begin_chat(chat) == 5
    assert Message.objects.filter(chat_id=chat.id).count() == 5


def test_other_content_is_not_mixed(alice, bob, crew):
    write(alice, crew, "of today")
    with pytest.raises(Conflict):
        check_same(crew, [(1, new_id())])
    last = Chat.objects.get(id=crew).last_seq
    with pytest.raises(Conflict):
        add_entries(crew, [entry(last + 1, alice.id, text="of before")])
    with pytest.raises(Conflict):
        begin_chat(PastChat(id=crew, created_at=THEN, pair=(alice.id, bob.id)))
    one, other = (PastChat(id=new_id(), created_at=THEN, pair=(alice.id, bob.id)) for _ in "12")
    begin_chat(one)
    with pytest.raises(Conflict):
        begin_chat(other)


def test_a_repeated_client_id_is_refused_with_its_batch(alice):
    chat = PastChat(id=new_id(), created_at=THEN)
    begin_chat(chat)
    same = new_id()
    entries = [
        PastEntry(seq=seq, id=new_id(), by=alice.id, at=THEN, client_id=same) for seq in (1, 2)
    ]
    with pytest.raises(Conflict):
        add_entries(chat.id, entries)
    assert begin_chat(chat) == 0


def test_a_group_has_a_limit(alice):
    chat = PastChat(id=new_id(), created_at=THEN)
    begin_chat(chat)
    with pytest.raises(Full):
        open_chat(chat.id, [PastMember(person=new_id()) for _ in range(101)])
    with pytest.raises(Conflict):
        open_chat(chat.id, [PastMember(person=new_id())])
    assert not Member.objects.filter(chat_id=chat.id).exists()


def test_former_members_see_nothing(alice, bob):
    chat = PastChat(id=new_id(), created_at=THEN)
    begin_chat(chat)
    add_entries(chat.id, [entry(1, bob.id, text="bye")])
    open_chat(chat.id, [PastMember(person=alice.id), PastMember(person=bob.id, left=True)])
    get_membership(alice.id, chat.id)
    with pytest.raises(NotFound):
        get_membership(bob.id, chat.id)


def test_entries_count_on_their_own_days(alice, monkeypatch):
    counter = iter((100, 100, 103, 110))
    monkeypatch.setattr(message_days, "_inserted", lambda: next(counter))
    message_days.count_messages()
    imported([alice], [entry(seq, alice.id, text=str(seq)) for seq in (1, 2, 3)])
    for _ in range(3):
        message_days.count_messages()
    # Ten rows were inserted, three of them by the import.
    assert dict(MessageDay.objects.values_list("day", "sent")) == {
        timezone.localdate(): 7,
        timezone.localdate(THEN): 3,
    }


def test_nobody_signs_in_to_a_placeholder_or_finds_it(alice):
    past = PastPerson(id=new_id(), username="olga", name="Olga", email="olga@example.org")
    olga = make_placeholder(past, source="slack")
    assert make_placeholder(past, source="slack") == olga
    assert (olga.username, olga.is_active, olga.has_usable_password()) == ("olga", False, False)
    assert (olga.email, Placeholder.objects.get().email) == (None, "olga@example.org")
    assert people.find(alice.id, "olga").items == []
    with pytest.raises(NotFound):
        contacts.invite(alice.id, olga.id)
    activate(olga.id)
    olga.refresh_from_db()
    assert not olga.is_active


def test_a_taken_username_gets_a_suffix(alice):
    other = make_placeholder(PastPerson(id=new_id(), username="Alice"), source="slack")
    assert other.username == "alice-2"
    nameless = make_placeholder(PastPerson(id=new_id(), erased=True), source="parley")
    assert nameless.erased_at
    assert nameless.get_full_name() == "Former member"
    assert not Placeholder.objects.filter(user=nameless).exists()


def test_a_placeholder_is_an_author_whom_nobody_can_write_to(alice):
    past = PastPerson(id=new_id(), username="olga", name="Olga")
    olga = make_placeholder(past, source="slack")
    chat = imported([alice, olga], [entry(1, olga.id, text="Hello")], pair=(alice.id, olga.id))
    membership = get_membership(alice.id, chat.id)
    assert membership.read_seq == 1

    with pytest.raises(NotContacts):
        write(alice, chat.id, "Hello?")
    assert User.objects.get(id=olga.id).name == "Olga"
