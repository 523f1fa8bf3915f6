"""The change feed: reads from PostgreSQL what changed in streams after a revision."""

from collections import ChainMap
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from msgspec import Struct

from apps.accounts.queries import profiles
from apps.chats.queries import changes as chats
from apps.chats.queries.gaps import gap
from apps.chats.queries.own_changes import OwnChangesReading
from apps.contacts.queries import contacts
from apps.core.reads import Read, bigints, read, repeated_if_stale, result_of
from apps.integrations.queries import notes
from apps.notifications.queries import preferences
from apps.realtime.envelope import Envelope, envelopes
from apps.wire import epochs
from apps.wire.events import Event
from apps.wire.publish import Publication

# Limit of one healing read, over all its chats.
MAX_BYTES_AT_ONCE = 4_000_000
# Of several people's own streams. A person may have more, and is then read alone.
MAX_CHANGES_TOGETHER = 2_000
# Answers of commands in one read of a person's stream: each may be long.
MAX_NOTES = 20
PERSON_HEADS = "SELECT user_id, rev FROM accounts_stream WHERE user_id = ANY(%s)"

MOVED_PEOPLE = """
SELECT s.user_id, s.rev FROM unnest(%s::uuid[], %s::bigint[]) AS k (id, rev)
JOIN accounts_stream s ON s.user_id = k.id WHERE s.rev <> k.rev
"""


class Positions(Struct, frozen=True):
    """How the heads of streams compare with the cursors of this process.

    `moved`: the streams whose head is not at their cursor. `head_below_cursor`: some head is below
    its cursor, so committed changes are gone: this is another epoch.
    """

    line: epochs.Line
    moved: set[UUID]
    head_below_cursor: bool


@contextmanager
def snapshot() -> Iterator[None]:
    """One view of the database for several reads. Without it, a change that commits between two
    reads could be left out while a later change claims to follow its predecessor."""
    with transaction.atomic():
        read(Read("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY", (), len))
        yield


class PersonChangesReading:
    """The reads of what changed in people's own streams after a revision. Read them inside a
    `snapshot`."""

    def __init__(self, since: Mapping[UUID, int]) -> None:
        self._since = since
        self._profiles = profiles.changes_reading(since)
        self._contacts = contacts.changes_reading(since)
        self._preferences = preferences.changes_reading(since)
        self._notes = notes.changes_reading(since, limit=MAX_NOTES)
        self._own = OwnChangesReading(since)

    @property
    def reads(self) -> list[Read[Any]]:
        """What is to be read: nothing for nobody."""
        if not self._since:
            return []
        return [
            *(self._profiles, self._contacts, self._preferences),
            *(self._notes, *self._own.reads),
        ]

    def of(self, person: UUID) -> tuple[list[Publication], int | None]:
        """The changes of one person, in order, each with the revision it follows. Also returns the
        revision up to which these are complete; None: up to the head."""
        since = self._since[person]
        own, end = self._own.of(person)
        answers = self._notes.of(person)
        if len(answers) == MAX_NOTES:
            # There may be more after the last one.
            last = answers[-1].rev or 0
            end = last if end is None else min(end, last)
        found = chain(
            *(self._profiles.of(person), self._contacts.of(person)),
            *(self._preferences.of(person), answers, own),
        )
        linked = []
        for item in sorted(found, key=lambda item: item.rev or 0):
            rev = item.rev or 0
            if end is not None and rev > end:
                break
            event = item.event
            if event is not None and since != rev - 1:
                event = msgspec.structs.replace(event, user_prev=since)
            linked.append(msgspec.structs.replace(item, event=event, follows=since))
            since = rev
        return linked, end


@repeated_if_stale
def person_since(user_id: UUID, since: int) -> tuple[list[Publication], int, bool]:
    """The first changes of a person's stream after `since`, the revision up to which these are
    complete, and whether that is the head."""
    with snapshot():
        changes, heads = PersonChangesReading({user_id: since}), person_heads_reading([user_id])
        read(heads, *changes.reads)
        found, end = changes.of(user_id)
        return found, heads.result[user_id] if end is None else end, end is None


def person_head(user_id: UUID) -> int:
    """The revision of a person's stream; 0 before the first change."""
    return result_of(person_heads_reading([user_id]))[user_id]


def person_heads_reading(people: Collection[UUID]) -> Read[dict[UUID, int]]:
    """The read of `person_head` for several people."""
    none = dict.fromkeys(people, 0)
    return Read(PERSON_HEADS, [list(people)], lambda rows: none | {id_: rev for id_, rev in rows})


def events_for(user_id: UUID, chat: UUID, missed: chats.ChatChanges) -> list[Event]:
    """The events that bring a member up to date with a chat; a gap when too much was missed."""
    if not missed.complete:
        return [gap(user_id, chat)]
    return [item.event for item in missed.publications if item.event is not None]


@repeated_if_stale
def behind(
    *, chat_cursors: Mapping[UUID, int], person_cursors: Mapping[UUID, int]
) -> tuple[list[Envelope], set[UUID]]:
    """The changes of these streams after their cursors, for the hub to deliver. Most of the streams
    have not moved: two statements find those that have.

    Bounded: beyond `MAX_BYTES_AT_ONCE` chats leap to their head, and a long personal stream returns
    its first part. Also returns the streams that have more to be read.
    """
    with snapshot():
        heads = moved(chat_cursors=chat_cursors, person_cursors=person_cursors)
        cursors = {id_: rev for id_, rev in chat_cursors.items() if id_ in heads}
        missed = chats.since(cursors, budget=MAX_BYTES_AT_ONCE)
        found: list[Publication] = []
        for chat, its in missed.items():
            found += (
                its.publications if its.complete else chats.skip_to_head(chat, chat_cursors[chat])
            )
        more = set()
        for people in _together(heads, person_cursors):
            changes = PersonChangesReading(people)
            read(*changes.reads)
            for person in people:
                part, end = changes.of(person)
                found += part
                if end is not None:
                    more.add(person)
    return envelopes(found), more


def _together(heads: Mapping[UUID, int], cursors: Mapping[UUID, int]) -> Iterator[dict[UUID, int]]:
    """The cursors of people whose head has moved, as many together as have `MAX_CHANGES_TOGETHER`
    revisions after them."""
    people: dict[UUID, int] = {}
    revisions = 0
    for person in heads.keys() & cursors.keys():
        revisions += heads[person] - cursors[person]
        if people and revisions > MAX_CHANGES_TOGETHER:
            yield people
            people, revisions = {}, heads[person] - cursors[person]
        people[person] = cursors[person]
    if people:
        yield people


def moved(
    *, chat_cursors: Mapping[UUID, int], person_cursors: Mapping[UUID, int]
) -> dict[UUID, int]:
    """The heads of those streams whose head is not at the cursor, in one round trip."""
    parameters = [list(person_cursors), bigints(person_cursors.values())]
    people = Read(MOVED_PEOPLE, parameters, lambda rows: {person: rev for person, rev in rows})
    of_chats = chats.moved_reading(chat_cursors)
    read(people, of_chats)
    return people.result | of_chats.result


def positions(*, chat_cursors: Mapping[UUID, int], person_cursors: Mapping[UUID, int]) -> Positions:
    """Compare the database with these cursors.

    A cursor moves only after the COMMIT it names, and these cursors were read before this call: in
    the same epoch no head is below its cursor. Call it outside of a transaction, whose
    older snapshot would not show the newest commits.
    """
    line = epochs.line()
    heads = moved(chat_cursors=chat_cursors, person_cursors=person_cursors)
    cursors = ChainMap(dict(chat_cursors), dict(person_cursors))
    return Positions(line, set(heads), any(rev < cursors[id_] for id_, rev in heads.items()))
