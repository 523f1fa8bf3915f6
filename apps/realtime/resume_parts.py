"""Reads the next parts of several resumes together, under one snapshot: a few statements for what
everybody needs, and then what each client alone has missed."""

import logging
from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import Error

from apps.accounts.queries import profiles
from apps.chats.queries import chat_list, drafts, saved, scheduled
from apps.contacts.queries import contacts
from apps.notifications.queries import notification_records, preferences
from apps.realtime import change_feed
from apps.realtime.resume_reader import Heads, Own, Part, ResumeReader
from apps.wire import bodies, epochs, events

logger = logging.getLogger(__name__)

# Chats and contacts that are read together.
MAX_ROWS_TOGETHER = 2_000
# Heads and ids of contacts of all who are asked about. They are small, but read for everybody.
MAX_IDS_TOGETHER = 50_000
# One person's part may be longer; then it is the last.
MAX_BYTES_TOGETHER = 1_000_000


def heads_of(people: Sequence[UUID]) -> list[dict[UUID, int]]:
    """`chat_list.heads` of each of these people."""
    found = chat_list.heads_of(people)
    return [found[person] for person in people]


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
    epoch = epochs.current()
    chats, streams = chat_list.heads_of(people), change_feed.person_heads(people)
    watched = contacts.contact_ids_of(people)
    first: dict[UUID, ResumeReader] = {}
    heads: dict[UUID, Heads] = {}
    unknown: dict[UUID, list[UUID]] = {}
    rows = ids = 0
    for reader in readers:
        person = reader.person
        head = Heads(epoch, chats[person], streams[person])
        reader.begin(head)
        wanted = reader.unknown(head)
        rows += len(wanted) + (len(watched[person]) if reader.wants_snapshot else 0)
        ids += len(head.chats) + len(watched[person])
        if first and (rows > MAX_ROWS_TOGETHER or ids > MAX_IDS_TOGETHER):
            break
        first[person], heads[person], unknown[person] = reader, head, wanted
    snapshots = _snapshots({id_: heads[id_].person for id_ in first if first[id_].wants_snapshot})
    seen = _chats(unknown)
    undelivered = notification_records.undelivered([id_ for id_ in first if not first[id_].begun])
    return [
        (
            reader,
            Own(
                heads=heads[person],
                snapshot=snapshots.get(person),
                chats=None if seen is None else seen.get(person, []),
                undelivered=undelivered.get(person, []),
                contacts=watched[person],
            ),
        )
        for person, reader in first.items()
    ]


def _chats(unknown: dict[UUID, list[UUID]]) -> dict[UUID, list[bodies.Chat]] | None:
    if not any(unknown.values()):
        return {}
    try:
        return chat_list.seen_by(unknown)
    except Error:
        raise
    except Exception:
        logger.exception("some chats cannot be read; each person's are read alone")
        return None


def _snapshots(heads: dict[UUID, int]) -> dict[UUID, events.Snapshot]:
    """A snapshot for each of these people whose account is open."""
    people: Collection[UUID] = heads.keys()
    if not people:
        return {}
    lists = contacts.lists_of(people)
    texts, kept = drafts.of_people(people), saved.of_people(people)
    later, settings = scheduled.of_people(people), preferences.of_people(people)
    return {
        person: events.Snapshot(
            user_rev=heads[person],
            me=me,
            contacts=lists[person],
            drafts=texts[person],
            saved=kept[person],
            scheduled=later[person],
            notifications=settings[person],
        )
        for person, me in profiles.mine(people).items()
    }
