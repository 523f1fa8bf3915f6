"""The cost of a page of history or changes does not depend on the number of messages.

Compares plans and rows read (EXPLAIN ANALYZE) at a thousand and at a hundred thousand messages, or
with `--long` at a million.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection

from apps.chats.models import Chat
from apps.chats.queries import changes, chat_list, history, message_links
from tests.support.people import direct_chat
from tests.support.plans import cost

SMALL = 1_000
LARGE = 100_000, 1_000_000
START = datetime(2020, 1, 1, tzinfo=UTC)
FILL = """
INSERT INTO chats_message (chat_id, seq, rev, id, kind, sender_id, client_id, text, created_at)
SELECT %(chat)s, n, n, gen_random_uuid(), 'text', %(sender)s, gen_random_uuid(),
    'https://example.org/' || n,
    %(start)s::timestamptz + n * interval '1 minute'
FROM generate_series(1, %(amount)s) AS n
"""
FILL_LINKS = """
INSERT INTO chats_messagelink (chat_id, seq, place, url)
SELECT chat_id, seq, 0, text FROM chats_message WHERE chat_id = %(chat)s
"""


def fill(chat: UUID, sender: UUID, amount: int) -> None:
    values = {"chat": chat, "sender": sender, "start": START, "amount": amount}
    with connection.cursor() as cursor:
        cursor.execute(FILL, values)
        cursor.execute(FILL_LINKS, values)
    Chat.objects.filter(id=chat).update(last_seq=amount, rev=amount)


@pytest.fixture
def large(pytestconfig):
    return LARGE[pytestconfig.getoption("--long")]


@pytest.fixture
def both_sizes(alice, bob, charlie, large):
    """A chat with few messages and one with many, in one table."""
    chats = direct_chat(alice, bob), direct_chat(alice, charlie)
    for chat, amount in zip(chats, (SMALL, large), strict=True):
        fill(chat, alice.id, amount)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE chats_message")
        cursor.execute("ANALYZE chats_chat")
        cursor.execute("ANALYZE chats_messagelink")
    return chats


READS: dict[str, Callable[[UUID, int], object]] = {
    "newest": lambda chat, amount: history.newest(chat, limit=50),
    "before": lambda chat, amount: history.before(chat, seq=amount // 2, limit=50),
    "after": lambda chat, amount: history.after(chat, seq=amount // 2, limit=50),
    "around": lambda chat, amount: history.around(chat, seq=amount // 2, limit=50),
    "on a day": lambda chat, amount: history.first_on(
        chat, day=(START + timedelta(minutes=amount // 2)).date(), time_zone=UTC
    ),
    "links": lambda chat, amount: message_links.newest(
        chat, before=message_links.LinkPlace(amount // 2, 0), limit=50
    ),
    "changes": lambda chat, amount: changes.since({chat: amount - 50}),
}


def test_pages_changes_and_list_cost_the_same_in_small_and_large_chats(both_sizes, large, alice):
    of_few, of_many = both_sizes
    for name, read in READS.items():
        few = cost(lambda read=read: read(of_few, SMALL))
        many = cost(lambda read=read: read(of_many, large))
        assert few == many, name
        for nodes, rows in many:
            assert rows <= 160, f"{name} reads {rows} rows: {nodes}"
            assert not any(node == "Seq Scan" and rows > 60 for node in nodes), name
    # The chat list reads only the last entry of each chat.
    [(nodes, rows)] = cost(lambda: chat_list.page(alice.id, before=None, limit=50))
    assert rows <= 20, nodes
