"""Pages of history: before, after and around a message, and from a day on."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.chats.models import Message
from apps.chats.queries import history
from tests.chats.factories import write_many


def seqs(entries):
    return [entry.seq for entry in entries]


@pytest.fixture
def long_chat(chat, alice):
    write_many(alice, chat, 100)
    return chat


def test_pages_are_in_order_and_adjacent(long_chat):
    assert seqs(history.newest(long_chat, limit=10)) == list(range(91, 101))
    assert seqs(history.before(long_chat, seq=91, limit=10)) == list(range(81, 91))
    assert seqs(history.after(long_chat, seq=90, limit=5)) == list(range(91, 96))
    assert seqs(history.around(long_chat, seq=50, limit=10)) == list(range(45, 55))


def test_pages_at_the_ends_are_short_or_empty(long_chat):
    assert seqs(history.before(long_chat, seq=3, limit=10)) == [1, 2]
    assert history.before(long_chat, seq=1, limit=10) == []
    assert history.after(long_chat, seq=100, limit=10) == []
    assert history.after(long_chat, seq=2**53 - 1, limit=10) == []
    assert seqs(history.around(long_chat, seq=1, limit=4)) == [1, 2, 3, 4]
    assert history.around(long_chat, seq=5_000, limit=4) == []
    # The last and the next are numbers of different types.
    assert history.around(long_chat, seq=2**15 - 2, limit=100) == []
    assert history.around(long_chat, seq=2**31 - 2, limit=100) == []


def test_pages_contain_entries_of_one_chat_only(long_chat, alice, charlie):
    from tests.support.people import direct_chat

    other = direct_chat(alice, charlie)
    write_many(charlie, other, 3)
    assert {entry.sender for entry in history.newest(long_chat, limit=500)} == {alice.id}


def at(chat, seq, moment):
    Message.objects.filter(chat_id=chat, seq=seq).update(created_at=moment)


def test_a_day_begins_at_midnight_in_the_given_time_zone(chat, alice):
    write_many(alice, chat, 3)
    midnight = datetime(2026, 3, 10, tzinfo=UTC)
    at(chat, 1, midnight - timedelta(hours=2))
    at(chat, 2, midnight)
    at(chat, 3, midnight + timedelta(hours=23))

    def first(zone, day=date(2026, 3, 10)):
        return history.first_on(chat, day=day, time_zone=ZoneInfo(zone))

    assert first("UTC") == 2
    assert first("Asia/Tokyo") == 1  # nine hours ahead: the tenth began at 15:00 the day before
    assert first("America/New_York") == 3
    assert first("UTC", date(2026, 3, 12)) is None
    assert first("UTC", date(1970, 1, 1)) == 1


def test_the_day_after_a_clock_change_begins_at_its_midnight(chat, alice):
    write_many(alice, chat, 2)
    # Clocks in Berlin went forward on 2026-03-29, so the 30th began at 22:00 UTC, not at 23:00.
    at(chat, 1, datetime(2026, 3, 29, 21, 59, 59, tzinfo=UTC))
    at(chat, 2, datetime(2026, 3, 29, 22, 0, tzinfo=UTC))
    day = date(2026, 3, 30)
    assert history.first_on(chat, day=day, time_zone=ZoneInfo("Europe/Berlin")) == 2
