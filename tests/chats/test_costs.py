"""Statements and round trips to PostgreSQL of each path, independent of the amount of data."""

import pytest
from django.db import connection
from msgspec.structs import replace

from apps.chats.actions.chat_settings import ChatSettings, set_chat_settings
from apps.chats.actions.direct import open_direct
from apps.chats.actions.messages import send_batch
from apps.chats.actions.receipts import Receipt, move_positions
from apps.chats.queries import changes, chat_list, gaps, history, positions
from apps.core.reads import result_of
from apps.realtime.resume_parts import read_parts
from apps.realtime.resume_reader import ResumeReader
from apps.wire.commands import Resume
from apps.wire.models import Epoch
from tests.chats.factories import a_send, write_many
from tests.support.people import direct_chat, in_touch, person, session_of, signed_in
from tests.support.reading import chat_revs
from tests.support.statements import traffic

# BEGIN and COMMIT; in tests, which run in a transaction, a savepoint and its release.
TRANSACTION = 2
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("amount", [1, 100])
def test_a_batch_runs_two_statements_in_one_round_trip(alice, chat, amount):
    sends = [a_send(alice, chat) for _ in range(amount)]
    with traffic() as seen:
        send_batch(sends)
    assert (seen.statements, seen.round_trips) == (TRANSACTION + 2, TRANSACTION + 1)


def test_a_batch_over_many_chats_runs_as_many_statements(alice):
    chats = [direct_chat(alice, person(f"friend{number}")) for number in range(10)]
    sends = [a_send(alice, chat) for chat in chats]
    with traffic() as seen:
        send_batch(sends)
    assert seen.statements == TRANSACTION + 2


def test_writes_are_prepared_once_for_small_and_large_numbers(alice, bob, chat):
    def prepared():
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_prepared_statements")
            return cursor.fetchone()[0]

    def change(number):
        send_batch([replace(a_send(alice, chat), reply_to=number)])
        move_positions(bob.id, [Receipt(chat, read=number)])

    write_many(alice, chat, 2)
    change(1)
    before = prepared()
    for number in (None, 2, 40_000, 5_000_000_000):
        change(number)
    assert prepared() == before


@pytest.mark.parametrize("amount", [10, 100])
def test_each_read_is_one_statement(alice, chat, amount):
    write_many(alice, chat, amount)
    reads = {
        "newest": lambda: history.newest(chat, limit=50),
        "before": lambda: history.before(chat, seq=amount, limit=50),
        "after": lambda: history.after(chat, seq=1, limit=50),
        "around": lambda: history.around(chat, seq=5, limit=50),
        "list": lambda: chat_list.page(alice.id, before=None, limit=50),
        "heads": lambda: chat_revs(alice.id),
        "moved": lambda: result_of(changes.moved_reading({chat: 0})),
        "positions": lambda: positions.of_chat(chat, reader=alice.id),
    }
    for name, read in reads.items():
        with traffic() as seen:
            read()
        assert seen.statements == 1, name


@pytest.mark.parametrize("amount", [10, 100])
def test_changes_are_one_statement_per_table(alice, chat, amount):
    """Sizes, messages, titles and members."""
    write_many(alice, chat, amount)
    with traffic() as seen:
        changes.since({chat: 0})
    assert seen.statements == 4


def test_a_gap_is_two_statements_and_reads_no_changes(alice, chat):
    write_many(alice, chat, 501)
    with traffic() as seen:
        assert not changes.since({chat: 0})[chat].complete
        gaps.gap(alice.id, chat)
    assert seen.statements == 1 + 2


def test_a_delivery_is_one_round_trip_and_a_read_two(alice, bob, chat):
    """Lock and positions in one; a read also cancels pushes."""
    write_many(alice, chat, 3)
    for receipt, round_trips in (
        (Receipt(chat, delivered=3), 1),
        (Receipt(chat, read=3), 2),
        (Receipt(chat, read=2), 1),
    ):
        with traffic() as seen:
            move_positions(bob.id, [receipt])
        assert seen.statements == TRANSACTION + 1 + round_trips
        assert seen.round_trips == TRANSACTION + round_trips


def test_changing_a_chat_setting_is_five_statements(alice, chat):
    with traffic() as seen:
        set_chat_settings(alice.id, chat, ChatSettings(pinned=True))
    assert seen.statements == TRANSACTION + 5


def test_opening_an_existing_chat_is_one_statement(alice, bob, chat):
    with traffic() as seen:
        open_direct(bob.id, alice.id)
    assert seen.statements == 1


def test_opening_a_new_chat_is_few_statements(alice, bob):
    in_touch(alice, bob)
    with traffic() as seen:
        open_direct(alice.id, bob.id)
    assert seen.statements <= TRANSACTION + 10


@pytest.mark.parametrize("api", ["chats", "chats/{chat}", "chats/{chat}/messages"])
def test_a_page_over_http_is_few_statements(alice, chat, api):
    """Session and person, membership for a single chat, and the page."""
    write_many(alice, chat, 60)
    client = signed_in(alice)
    client.get("/api/v1/me")  # the first request of a device also records its use
    with traffic() as seen:
        assert client.get(f"/api/v1/{api.format(chat=chat)}").status_code == 200
    assert seen.statements <= 4


def resuming(user, command):
    reader = ResumeReader(user.id, session_of(user), command)
    with traffic() as seen:
        read_parts([reader])
    # Savepoint, isolation level, release.
    return seen.statements - TRANSACTION - 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("chats", [1, 12])
def test_resume_costs_the_same_for_one_chat_and_for_many(chats):
    epoch = Epoch.objects.first() or Epoch.objects.create()
    alice, friends = person("alice"), [person(f"friend{number}") for number in range(chats)]
    places = [direct_chat(alice, friend) for friend in friends]
    known = {place: 0 for place in places}
    for place in places:
        write_many(alice, place, 3)
    with connection.cursor() as cursor:
        cursor.execute("SELECT rev FROM accounts_stream WHERE user_id = %s", [alice.id])
        [head] = cursor.fetchone()
    first = resuming(alice, Resume(ref="1"))
    of_all = resuming(alice, Resume(ref="1", epoch=epoch.id, chats=known))
    of_chats = resuming(alice, Resume(ref="1", epoch=epoch.id, chats=known, user=head))
    heads = chat_revs(alice.id)
    nothing = resuming(alice, Resume(ref="1", epoch=epoch.id, chats=heads, user=head))
    # Session, epoch, heads, contacts and undelivered pushes; then everything: profile, contacts,
    # chats, drafts, saved and scheduled messages, answers of commands, notification preferences.
    assert first == 14
    # Or the changes of each of these, if the person's head has moved; for chats that have moved,
    # sizes, messages, titles and members. Streams that have not moved are not read.
    assert (of_all, of_chats, nothing) == (19, 10, 6)
