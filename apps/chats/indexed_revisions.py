"""SQL of an index that follows the revisions of chats. Its table has `chat_id` and `rev`: what of
the chat is indexed."""

import time
from collections.abc import Iterator
from uuid import UUID

from django.db import connection


def batches(statement: str, *, pass_s: float) -> Iterator[list[UUID]]:
    """Chats that the statement (`behind` with a LIMIT) finds, again and again until it finds none
    or about `pass_s` seconds are over. Each batch must be indexed before the next is asked for."""
    until = time.monotonic() + pass_s
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            chats = [chat for (chat,) in cursor.fetchall()]
        if not chats:
            return
        yield chats


def behind(table: str) -> str:
    """Chats with changes that are not indexed."""
    return f"""
SELECT c.id FROM chats_chat c LEFT JOIN {table} i ON i.chat_id = c.id
WHERE c.rev > coalesce(i.rev, 0)
"""  # noqa: S608


def enter(table: str) -> str:
    """Adds chats that the table does not have yet. Takes their ids."""
    return f"""
INSERT INTO {table} (chat_id, rev)
SELECT id, 0 FROM unnest(%s::uuid[]) AS c (id) ORDER BY id ON CONFLICT DO NOTHING
"""  # noqa: S608


def lock(table: str) -> str:
    """Indexers of the same chat wait here and read messages only afterwards, so that the words of a
    former text never replace those of a newer one. Takes the chats' ids; returns those locked."""
    return f"SELECT chat_id FROM {table} WHERE chat_id = ANY(%s) ORDER BY chat_id FOR UPDATE"  # noqa: S608


def lock_free(table: str) -> str:
    """As `lock`, for readers: leaves out chats that are being indexed now, and never waits."""
    return f"{lock(table)} SKIP LOCKED"


def next_changes(table: str) -> str:
    """For WITH … AS: the ranges of revisions (id, since, upto) that are indexed next, together
    about `limit` changes of `chats`."""
    return f"""
    SELECT id, since, least(rev, since + %(limit)s) AS upto FROM (
        SELECT c.id, i.rev AS since, c.rev,
            sum(c.rev - i.rev) OVER (ORDER BY c.id) - (c.rev - i.rev) AS before
        FROM {table} i JOIN chats_chat c ON c.id = i.chat_id
        WHERE i.chat_id = ANY(%(chats)s) AND c.rev > i.rev
    ) all_ WHERE before < %(limit)s
"""  # noqa: S608


def lag(table: str) -> str:
    """The number of changes that are not indexed."""
    return f"""
SELECT coalesce(sum(c.rev - coalesce(i.rev, 0)), 0)
FROM chats_chat c LEFT JOIN {table} i ON i.chat_id = c.id WHERE c.rev > coalesce(i.rev, 0)
"""  # noqa: S608
