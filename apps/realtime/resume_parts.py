"""Reads the next parts of several resumes together, under one snapshot: a few statements for what
everybody needs, and then what each client alone has missed."""

import logging
from collections.abc import Sequence
from itertools import takewhile
from typing import Any
from uuid import UUID

from django.db import Error

from apps.accounts.queries import profiles
from apps.accounts.queries.sessions import valid_reading
from apps.chats.queries import chat_list, drafts, saved, scheduled
from apps.contacts.queries import contacts
from apps.core.reads import Read, read, result_of
from apps.notifications.queries import notification_records, preferences
from apps.realtime import change_feed
from apps.realtime.resume_reader import Heads, Own, Part, ResumeReader
from apps.wire import bodies, epochs, events

logger = logging.getLogger(__name__)

# Chats and contacts that are read together.
MAX_ROWS_TOGETHER = 2_000
# Heads of all who are asked about, and ids of contacts. They are small, but read for everybody.
# One person may have more.
MAX_IDS_TOGETHER = 50_000
# One person's part may be longer; then it is the last.
MAX_BYTES_TOGETHER = 1_000_000


def heads_of(people: Sequence[UUID]) -> list[dict[UUID, int]]:
    """`chat_list.heads` of the first of these people, at least of one."""
    found = result_of(chat_list.heads_reading(people, limit=MAX_IDS_TOGETHER))
    first = list(takewhile(found.__contains__, people))
    if not first:
        return [chat_list.heads(people[0])]
    return [found[person] for person in first]


def read_parts(readers: Sequence[ResumeReader]) -> list[Part | Exception]:
    """The next parts of the first of these resumes, at least of one. An exception in place of a
    part is for that resume alone. A person has one resume among them."""
    found: list[Part | Exception] = []
    size = 0
    try:
        with change_feed.snapshot():
            for reader, own in _read_together(readers):
                part = _part(reader, own)
                found.append(part)
                size += sum(map(len, part.encoded)) if isinstance(part, Part) else 0
                if size > MAX_BYTES_TOGETHER:
                    break
    except Error:  # the transaction has ended; the parts before it are whole
        if not found:
            raise
    return found


def _part(reader: ResumeReader, own: Own) -> Part | Exception:
    try:
        return reader.read(own)
    except Error:
        raise
    except Exception as error:
        return error


def _read_together(readers: Sequence[ResumeReader]) -> list[tuple[ResumeReader, Own]]:
    """What the first of the readers need, as many as the limits allow."""
    people = [reader.person for reader in readers]
    sessions = valid_reading((reader.person, reader.session_key) for reader in readers)
    found = _heads(people, sessions, limit=MAX_IDS_TOGETHER)
    heads, watched = found or _heads_of_one(people[0], sessions)
    signed_in = sessions.result
    first: dict[UUID, ResumeReader] = {}
    unknown: dict[UUID, list[UUID]] = {}
    rows = 0
    for reader in readers:
        person = reader.person
        if person not in heads:
            break
        reader.begin(heads[person])
        wanted = reader.unknown(heads[person])
        rows += len(wanted) + (len(watched[person]) if reader.wants_snapshot else 0)
        if first and rows > MAX_ROWS_TOGETHER:
            break
        first[person], unknown[person] = reader, wanted
    fresh = {id_: heads[id_].person for id_ in first if first[id_].wants_snapshot}
    lists = _Lists(fresh)
    chats = [chat_list.seen_reading(unknown)] if any(unknown.values()) else []
    failed = notification_records.undelivered_reading(
        [id_ for id_ in first if not first[id_].begun]
    )
    read(failed, *chats, *lists.reads)
    snapshots, seen, undelivered = lists.snapshots(), _seen(chats), failed.result
    return [
        (
            reader,
            Own(
                signed_in=(person, reader.session_key) in signed_in,
                heads=heads[person],
                snapshot=snapshots.get(person),
                chats=None if seen is None else seen.get(person, []),
                undelivered=undelivered.get(person, []),
                contacts=watched[person],
            ),
        )
        for person, reader in first.items()
    ]


def _heads(
    people: Sequence[UUID], *others: Read[Any], limit: int | None
) -> tuple[dict[UUID, Heads], dict[UUID, list[UUID]]] | None:
    """The heads and the ids of the contacts of the first of these people, as many as the limit
    allows; `others` are read as well. None if it allows nobody."""
    epoch, streams = epochs.reading(), change_feed.person_heads_reading(people)
    chats = chat_list.heads_reading(people, limit=limit)
    watched = contacts.contact_ids_reading(people, limit=limit)
    read(epoch, streams, chats, watched, *others)
    current, revs, revs_of_chats, ids = epoch.result, streams.result, chats.result, watched.result
    both = revs_of_chats.keys() & ids.keys()
    first = list(takewhile(both.__contains__, people))
    if not first:
        return None
    return {id_: Heads(current, revs_of_chats[id_], revs[id_]) for id_ in first}, ids


def _heads_of_one(
    person: UUID, *others: Read[Any]
) -> tuple[dict[UUID, Heads], dict[UUID, list[UUID]]]:
    found = _heads([person], *others, limit=None)
    if found is None:
        raise RuntimeError("heads without a limit are complete")
    return found


def _seen(
    chats: Sequence[Read[dict[UUID, list[bodies.Chat]]]],
) -> dict[UUID, list[bodies.Chat]] | None:
    """The chats of these reads, by person; None if some cannot be read."""
    try:
        return {person: its for each in chats for person, its in each.result.items()}
    except Exception:
        logger.exception("some chats cannot be read; each person's are read alone")
        return None


class _Lists:
    """The lists in the snapshots of some people. `heads`: the revisions of their streams."""

    def __init__(self, heads: dict[UUID, int]) -> None:
        self._heads = heads
        people = heads.keys()
        self._me = profiles.mine_reading(people)
        self._contacts = contacts.lists_reading(people)
        self._drafts = drafts.reading(people)
        self._saved = saved.reading(people)
        self._scheduled = scheduled.reading(people)
        self._settings = preferences.reading(people)

    @property
    def reads(self) -> list[Read[Any]]:
        """What is to be read: nothing for nobody."""
        if not self._heads:
            return []
        return [
            *(self._me, self._contacts, self._drafts),
            *(self._saved, self._scheduled, self._settings),
        ]

    def snapshots(self) -> dict[UUID, events.Snapshot]:
        """A snapshot for each of these people whose account is open."""
        if not self._heads:
            return {}
        lists, texts, kept = self._contacts.result, self._drafts.result, self._saved.result
        later, settings = self._scheduled.result, self._settings.result
        return {
            person: events.Snapshot(
                user_rev=self._heads[person],
                me=me,
                contacts=lists[person],
                drafts=texts[person],
                saved=kept[person],
                scheduled=later[person],
                notifications=settings[person],
            )
            for person, me in self._me.result.items()
        }
