"""Read and delivered positions only move forward, at most to the last entry."""

import random
import time
from functools import partial
from threading import Barrier

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from apps.accounts.models import Stream
from apps.chats.actions.chat_settings import ChatSettings, set_chat_settings
from apps.chats.actions.messages import send_batch
from apps.chats.actions.receipts import Receipt, Report, move_batch, move_positions
from apps.chats.models import Member
from apps.chats.queries import chat_list, positions
from apps.core.identifiers import new_id
from apps.wire.events import ReadMoved, ReceiptMoved
from tests.chats.factories import a_send, write_many
from tests.support.events import sink
from tests.support.people import direct_chat, person
from tests.support.threads import together

BIGGEST = 2**53 - 1


def place(user, chat):
    member = Member.objects.get(pk=(chat, user.id))
    return member.read_seq, member.delivered_seq


def unread(user, chat):
    [body] = chat_list.by_ids(user.id, [chat])
    return body.last_seq - body.read_seq


@pytest.fixture
def talk(alice, bob, chat):
    """The chat with ten messages from Alice."""
    write_many(alice, chat, 10)
    return chat


def test_reading_is_published_to_members_and_to_the_readers_devices(
    alice, bob, talk, captured_events
):
    with captured_events() as events:
        move_positions(bob.id, [Receipt(talk, read=4)])
    told, own = events
    assert (told.stream, told.to, told.rev) == ("chat", talk, None)
    assert isinstance(told.event, ReceiptMoved)
    position = told.event.position
    assert (position.person, position.read, position.delivered) == (bob.id, 4, 4)
    assert (own.stream, own.to) == ("person", bob.id)
    assert own.event == ReadMoved(user_rev=own.rev, chat=talk, read_seq=4, marked_unread=False)
    assert Stream.objects.get(user=bob).rev == own.rev
    assert unread(bob, talk) == 6


def test_a_delivery_moves_only_the_delivered_position(alice, bob, talk, captured_events):
    with captured_events() as events:
        move_positions(bob.id, [Receipt(talk, delivered=10)])
    assert [type(item.event) for item in events] == [ReceiptMoved]
    assert place(bob, talk) == (0, 10)
    assert unread(bob, talk) == 10


@pytest.mark.parametrize(
    "move", [{"read": 3}, {"read": 4}, {"delivered": 2}, {"read": 0, "delivered": 0}, {}]
)
def test_positions_that_go_back_are_ignored(bob, talk, move, captured_events):
    move_positions(bob.id, [Receipt(talk, read=4)])
    with captured_events() as events:
        move_positions(bob.id, [Receipt(talk, **move)])
    assert events == []
    assert place(bob, talk) == (4, 4)


@pytest.mark.parametrize("seq", [11, BIGGEST])
def test_positions_stop_at_the_last_entry(bob, talk, seq):
    move_positions(bob.id, [Receipt(talk, read=seq, delivered=seq)])
    assert place(bob, talk) == (10, 10)
    assert unread(bob, talk) == 0


def test_foreign_and_unknown_chats_are_ignored(alice, charlie, talk, captured_events):
    with captured_events() as events:
        move_positions(charlie.id, [Receipt(talk, read=10), Receipt(new_id(), read=1)])
    assert events == []
    assert [item.person for item in positions.of_chat(talk, reader=charlie.id)] == sorted(
        Member.objects.filter(chat=talk).values_list("user_id", flat=True)
    )


def test_an_unknown_chat_does_not_affect_the_others(bob, talk):
    move_positions(bob.id, [Receipt(new_id(), read=1), Receipt(talk, read=2)])
    assert place(bob, talk) == (2, 2)


def test_the_furthest_of_several_positions_in_one_chat_counts(bob, talk):
    move_positions(
        bob.id, [Receipt(talk, read=5), Receipt(talk, delivered=9), Receipt(talk, read=3)]
    )
    assert place(bob, talk) == (5, 9)


def test_an_empty_list_runs_no_update(bob, captured_events):
    with captured_events() as events:
        move_positions(bob.id, [])
    assert events == []


def test_only_reading_further_clears_the_unread_mark(bob, talk, captured_events):
    move_positions(bob.id, [Receipt(talk, read=9)])
    set_chat_settings(bob.id, talk, ChatSettings(marked_unread=True))
    with captured_events() as events:
        for late in (Receipt(talk, read=9), Receipt(talk, read=3), Receipt(talk, delivered=10)):
            move_positions(bob.id, [late])
    assert [item for item in events if item.stream == "person"] == []
    assert Member.objects.get(pk=(talk, bob.id)).marked_unread
    with captured_events() as events:
        move_positions(bob.id, [Receipt(talk, read=10)])
    assert not Member.objects.get(pk=(talk, bob.id)).marked_unread
    assert [item.event.marked_unread for item in events if item.stream == "person"] == [False]


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    some.lists(
        some.tuples(
            some.none() | some.integers(0, 15) | some.just(BIGGEST),
            some.none() | some.integers(0, 15) | some.just(BIGGEST),
        ),
        max_size=12,
    )
)
def test_positions_only_grow_whatever_the_order_of_receipts(db, steps):
    one, other = (person(new_id().hex) for _ in "12")
    chat = direct_chat(one, other)
    write_many(one, chat, 10)
    before = place(other, chat)
    read = delivered = 0
    for step in steps:
        move_positions(other.id, [Receipt(chat, *step)])
        now = place(other, chat)
        assert now[0] >= before[0]
        assert now[1] >= before[1]
        before = now
        read = max(read, min(step[0] or 0, 10))
        delivered = max(delivered, read, min(step[1] or 0, 10))
    assert before == (read, delivered)
    assert unread(other, chat) == 10 - read


@pytest.mark.django_db(transaction=True)
def test_receipts_of_three_devices_end_at_the_furthest(alice, bob, chat):
    write_many(alice, chat, 60)
    order = random.Random(3)
    devices = [order.sample(range(70), 30) for _ in range(3)]
    furthest = min(60, max(max(seqs) for seqs in devices))

    def report(seqs):
        for seq in seqs:
            move_positions(bob.id, [Receipt(chat, read=seq)])

    with sink() as events:
        together(*(partial(report, seqs) for seqs in devices))
    assert place(bob, chat) == (furthest, furthest)
    assert unread(bob, chat) == 60 - furthest
    own = [item for item in events if item.stream == "person"]
    assert sorted(item.rev for item in own) == sorted({item.rev for item in own})
    by_rev = [item.event.read_seq for item in sorted(own, key=lambda item: item.rev)]
    assert by_rev == sorted(set(by_rev))
    assert Member.objects.get(pk=(chat, bob.id)).person_rev == Stream.objects.get(user=bob).rev


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", ["write", "read", "read by many"])
def test_sending_and_reading_lock_memberships_in_one_order(alice, change):
    """Otherwise a device that sends queued messages in many chats would deadlock with another one
    that reports these chats as read, and receipts of many people with each other: while it waits
    for the first row, a transaction must hold no later one."""
    friends = [person(f"friend{number}") for number in range(12)]
    friend_in = {direct_chat(alice, friend): friend for friend in friends}
    chats = sorted(friend_in)
    fill_members()
    work = {
        "write": lambda: send_batch([a_send(alice, chat) for chat in reversed(chats)]),
        "read": lambda: move_positions(
            alice.id, [Receipt(chat, read=0) for chat in reversed(chats)]
        ),
        "read by many": lambda: move_batch(
            [Report(friend_in[chat].id, [Receipt(chat, read=0)]) for chat in reversed(chats)]
        ),
    }
    by = friends if change == "read by many" else [alice]
    places = Member.objects.filter(user__in=by, chat__in=chats)

    def look():
        with transaction.atomic():
            list(places.filter(chat=chats[0]).select_for_update())
            start.wait(10)
            wait_until_somebody_waits()
            return len(places.select_for_update(skip_locked=True))

    def meet():
        start.wait(10)
        work[change]()

    start = Barrier(2)
    free, _ = together(look, meet)
    assert free == 12


def wait_until_somebody_waits():
    with connection.cursor() as cursor:
        for _ in range(1_000):
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    raise AssertionError("no transaction waits for a lock")


def fill_members():
    """Add enough members that PostgreSQL uses an index, as in production."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO chats_chat"
            " (id, kind, title, last_seq, rev, active_at, created_at)"
            " SELECT gen_random_uuid(), 'group', '', 0, 0, now(), now()"
            " FROM generate_series(1, 3000)"
        )
        cursor.execute(
            "INSERT INTO chats_member (chat_id, user_id, read_seq, delivered_seq, rev, person_rev,"
            " pinned, archived, muted, marked_unread)"
            " SELECT id, %s, 0, 0, 0, 0, false, false, false, false"
            " FROM chats_chat WHERE kind = 'group'",
            [person("stranger").id],
        )
        cursor.execute("ANALYZE chats_member, chats_chat")
