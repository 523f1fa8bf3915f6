"""SQL columns of a person's public profile, for queries of other apps, and the body from them."""

from typing import NamedTuple
from uuid import UUID

import msgspec

from apps.core.named_rows import select_list
from apps.wire import bodies

# {0} is the alias of accounts_user. NULL without a status or when it has expired. The person's own
# status hides the synced one.
STATUS = """CASE WHEN ({0}.status_text <> '' OR {0}.status_emoji <> '')
        AND ({0}.status_until IS NULL OR {0}.status_until > now())
    THEN json_build_object('text', {0}.status_text, 'emoji', {0}.status_emoji,
        'until', {0}.status_until)::text
    WHEN {0}.synced_text <> '' AND {0}.synced_until > now()
    THEN json_build_object('text', {0}.synced_text, 'emoji', {0}.synced_emoji,
        'until', {0}.synced_until, 'source', {0}.synced_from)::text END"""
# When a do not disturb of one time ends, that of the person or of a program; NULL without any.
QUIET_UNTIL = """greatest({0}.dnd_until,
    CASE WHEN {0}.synced_quiet THEN {0}.synced_until END)"""
# Do not disturb, for contacts: NULL without any that is to come.
QUIET = f"""CASE WHEN {{0}}.dnd_start IS NOT NULL OR {QUIET_UNTIL} > now()
    THEN json_build_object('zone', {{0}}.time_zone, 'start', to_char({{0}}.dnd_start, 'HH24:MI'),
        'end', to_char({{0}}.dnd_end, 'HH24:MI'),
        'until', CASE WHEN {QUIET_UNTIL} > now() THEN {QUIET_UNTIL} END)::text END"""
# An erased account keeps a row with a username that nobody is shown.
_USERNAME = "CASE WHEN {0}.erased_at IS NULL THEN {0}.username ELSE '' END"
_NAME = "coalesce(nullif({0}.name, ''), {0}.username)"


class PersonRow(NamedTuple):
    """One row of `PERSON` or `PERSON_IF`; `status` is JSON."""

    id: UUID
    username: str
    name: str
    about: str
    status: str | None
    picture: UUID | None
    bot: bool


PERSON = select_list(
    PersonRow,
    id="{0}.id",
    username=_USERNAME,
    name=_NAME,
    about="{0}.about",
    status=STATUS,
    picture="{0}.picture",
    bot="{0}.is_bot",
)
# The same, with `about` and `status` only where the condition {1} holds.
PERSON_IF = select_list(
    PersonRow,
    id="{0}.id",
    username=_USERNAME,
    name=_NAME,
    about="CASE WHEN {1} THEN {0}.about ELSE '' END",
    status=f"CASE WHEN {{1}} THEN {STATUS} END",
    picture="{0}.picture",
    bot="{0}.is_bot",
)


def person(row: PersonRow) -> bodies.Person:
    """The body of one row of `PERSON`."""
    return bodies.Person(
        id=row.id,
        username=row.username,
        name=row.name,
        about=row.about,
        status=status(row.status),
        picture=row.picture,
        bot=row.bot,
    )


def status(text: str | None) -> bodies.Status | None:
    """The body made of one `STATUS` column."""
    return None if text is None else msgspec.json.decode(text, type=bodies.Status)


def quiet(text: str | None) -> bodies.Quiet | None:
    """The body made of one `QUIET` column."""
    return None if text is None else msgspec.json.decode(text, type=bodies.Quiet)
