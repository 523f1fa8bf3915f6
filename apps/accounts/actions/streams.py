"""Locks people's own streams and hands out their next revisions. docs/locks.md has the order."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

# PostgreSQL locks a conflicting row even when the WHERE prevents its update (see INSERT). So this
# one statement creates missing rows and locks existing ones, without rewriting them.
LOCK = """
INSERT INTO accounts_stream (user_id, rev)
SELECT person, 0 FROM unnest(%s::uuid[]) AS person ORDER BY person
ON CONFLICT (user_id) DO UPDATE SET rev = accounts_stream.rev WHERE false
"""
ADVANCE = """
INSERT INTO accounts_stream (user_id, rev)
SELECT person, 1 FROM unnest(%s::uuid[]) AS person ORDER BY person
ON CONFLICT (user_id) DO UPDATE SET rev = accounts_stream.rev + 1
RETURNING user_id, rev
"""


def lock(people: Iterable[UUID]) -> None:
    """Lock the people's streams until the commit, in id order, so that changes to the same people
    run one after the other and never deadlock.

    For changes that must read before they know whose stream advances: `advance` cannot be undone,
    because every revision that it returns must be stored.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [sorted(set(people))])


def advance(people: Iterable[UUID]) -> dict[UUID, int]:
    """Advance each person's stream and return the new revisions, by person.

    Call it inside the transaction of the change. It locks the rows until the commit, in id order
    like `lock`. Each revision must be written to a row of that person in the same transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(ADVANCE, [sorted(set(people))])
        return dict(cursor.fetchall())
