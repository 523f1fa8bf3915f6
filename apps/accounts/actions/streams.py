"""Moves the heads of people's own streams, and locks them: the order is in docs/locks.md."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

# A conflicting row is locked also where the WHERE refuses to update it (PostgreSQL, INSERT), so
# this makes missing rows and locks present ones in one statement without rewriting them.
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
    """Lock the people's streams until the commit, in id order, so that changes which touch the
    same people follow each other and never deadlock. For changes that must look before they know
    whose stream moves: a revision once given must be stored."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [sorted(set(people))])


def advance(people: Iterable[UUID]) -> dict[UUID, int]:
    """The next revision of each person's stream; call it inside the transaction of the change.

    The rows stay locked until the commit, taken in id order as in `lock`. Every revision given
    must be written to a row of that person in the same transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(ADVANCE, [sorted(set(people))])
        return dict(cursor.fetchall())
