"""A person's chat list: newest activity first, with the last message and unread counts."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.chats.actions.receipts import Receipt, move_positions
from apps.chats.models import Chat
from apps.chats.queries import chat_list
from tests.chats.factories import write
from tests.support.people import direct_chat, person
from tests.support.reading import chat_revs
from tests.support.statements import traffic


@pytest.fixture
def ten_chats(alice):
    chats = [direct_chat(alice, person(f"friend{n}", name=f"Friend {n}")) for n in range(10)]
    for n, chat in enumerate(chats):
        Chat.objects.filter(id=chat).update(active_at=timezone.now() - timedelta(hours=n))
    return chats


def test_a_page_continues_after_the_previous_one(alice, ten_chats):
    first = chat_list.page(alice.id, before=None, limit=4)
    place = (first[-1].active_at, first[-1].id)
    second = chat_list.page(alice.id, before=place, limit=4)
    assert [chat.id for chat in [*first, *second]] == ten_chats[:8]
    assert [chat.id for chat in chat_list.page(alice.id, before=None, limit=50)] == ten_chats


def test_chats_with_equal_times_are_not_lost_between_pages(alice, ten_chats):
    Chat.objects.update(active_at=timezone.now())
    found = []
    before = None
    while page := chat_list.page(alice.id, before=before, limit=3):
        found += [chat.id for chat in page]
        before = (page[-1].active_at, page[-1].id)
    assert sorted(found) == sorted(ten_chats)


def test_each_person_sees_the_other_and_the_last_message(chat, alice, bob):
    write(alice, chat, "first")
    write(alice, chat, "last")
    [seen_by_alice], [seen_by_bob] = (
        chat_list.page(alice.id, before=None, limit=50),
        chat_list.page(bob.id, before=None, limit=50),
    )
    assert seen_by_alice.person.id == bob.id
    assert seen_by_bob.person.id == alice.id
    assert seen_by_bob.last.text == "last"
    assert (seen_by_alice.read_seq, seen_by_bob.read_seq) == (2, 0)
    move_positions(bob.id, [Receipt(chat, read=1)])
    [seen_by_bob] = chat_list.page(bob.id, before=None, limit=50)
    assert seen_by_bob.last_seq - seen_by_bob.read_seq == 1


def test_an_outsider_does_not_see_the_chat(chat, charlie):
    assert chat_list.page(charlie.id, before=None, limit=50) == []
    assert chat_list.by_ids(charlie.id, [chat]) == []
    assert chat_revs(charlie.id) == {}


def test_a_list_of_any_length_is_one_query(alice, ten_chats):
    for chat in ten_chats[:5]:
        write(alice, chat)
    for limit in (50, 2):
        with traffic() as sent:
            assert len(chat_list.page(alice.id, before=None, limit=limit)) == min(10, limit)
        assert sent.statements == 1
