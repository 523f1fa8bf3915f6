"""Moves the heads of people's own streams."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

ADVANCE = """
INSERT INTO accounts_stream (user_id, rev)
SELECT person, 1 FROM unnest(%s::uuid[]) AS person ORDER BY person
ON CONFLICT (user_id) DO UPDATE SET rev = accounts_stream.rev + 1
RETURNING user_id, rev
"""


def advance(people: Iterable[UUID]) -> dict[UUID, int]:
    """The next revision of each person's stream; call it inside the transaction of the change.

    The rows stay locked until the commit, taken in id order, so changes that touch the same two
    people follow each other and never deadlock.
    """
    with connection.cursor() as cursor:
        cursor.execute(ADVANCE, [sorted(set(people))])
        return dict(cursor.fetchall())
