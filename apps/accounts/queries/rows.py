"""SQL columns of a person's public profile, for queries of other apps, and the body from them."""

from typing import Any
from uuid import UUID

import msgspec

from apps.wire import bodies

# {0} is the alias of accounts_user. NULL without a status or when it has expired.
STATUS = """CASE WHEN ({0}.status_text <> '' OR {0}.status_emoji <> '')
        AND ({0}.status_until IS NULL OR {0}.status_until > now())
    THEN json_build_object('text', {0}.status_text, 'emoji', {0}.status_emoji,
        'until', {0}.status_until)::text END"""
PERSON = (
    "{0}.id, {0}.username, coalesce(nullif({0}.name, ''), {0}.username) AS name, {0}.about, "
    + STATUS
    + " AS status"
)
# The same, with `about` and `status` only where the condition {1} holds.
PERSON_IF = (
    "{0}.id, {0}.username, coalesce(nullif({0}.name, ''), {0}.username) AS name, "
    "CASE WHEN {1} THEN {0}.about ELSE '' END AS about, CASE WHEN {1} THEN "
    + STATUS
    + " END AS status"
)
COLUMNS = 5
Row = tuple[Any, ...]


def person(row: Row) -> bodies.Person:
    """The body made of one row of `PERSON`."""
    id_: UUID = row[0]
    return bodies.Person(id=id_, username=row[1], name=row[2], about=row[3], status=status(row[4]))


def status(text: str | None) -> bodies.Status | None:
    """The body made of one `STATUS` column."""
    return None if text is None else msgspec.json.decode(text, type=bodies.Status)
