"""Reads the next parts of several resumes together, under one snapshot, in a few statements."""

from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any
from uuid import UUID

from apps.accounts.queries import profiles
from apps.accounts.queries.sessions import valid_reading
from apps.chats.queries import changes, chat_list, drafts, saved, scheduled
from apps.chats.queries.changes import Cursor
from apps.chats.queries.span_checksums import SpanChecksum, differing_reading
from apps.contacts.queries import contacts
from apps.core.reads import Read, read, repeated_if_stale
from apps.integrations.queries import notes
from apps.notifications.queries import notification_records, preferences
from apps.realtime import change_feed
from apps.realtime.missed_changes import MissedChanges, weight_of
from apps.realtime.resume_reader import Heads, Own, Part, Portion, ResumeReader, Shared, Wanted
from apps.wire import epochs, events

# Chats and contacts that are read together, and changes of people's own streams.
MAX_ROWS_TOGETHER = 2_000
# Chats that have moved, and spans that clients hold. Of these, each may be of many entries.
MAX_COMPARED_TOGETHER = 1_000
# Heads of all who are asked about, and ids of contacts. They are small, but read for everybody.
# One person may have more.
MAX_IDS_TOGETHER = 50_000
# One person's part may be longer; then it is the last.
MAX_BYTES_TOGETHER = 1_000_000


@repeated_if_stale
def read_parts(readers: Sequence[ResumeReader]) -> list[Part | Exception]:
    """The next parts of the first of these resumes, at least of one. An exception in place of a
    part is for that resume alone. A person has one resume among them."""
    found: list[Part | Exception] = []
    size = 0
    with change_feed.snapshot():
        first, shared = _read_together(readers)
    counted: set[int] = set()
    for reader, own in first:
        part = _part(reader, own, shared)
        found.append(part)
        if isinstance(part, Part):
            # Clients share events.
            size += sum(len(text) for text in part.encoded if id(text) not in counted)
            counted.update(map(id, part.encoded))
        if size > MAX_BYTES_TOGETHER:
            break
    return found


def _part(reader: ResumeReader, own: Own, shared: Shared) -> Part | Exception:
    try:
        return reader.read(own, shared)
    except Exception as error:
        return error


def _read_together(
    readers: Sequence[ResumeReader],
) -> tuple[list[tuple[ResumeReader, Own]], Shared]:
    """What the first of the readers need, as many as the limits allow."""
    people = [reader.person for reader in readers]
    sessions = valid_reading((reader.person, reader.session_key) for reader in readers)
    found = _heads(people, sessions, limit=MAX_IDS_TOGETHER)
    heads, watched = found or _heads_of_one(people[0], sessions)
    signed_in = sessions.result
    asked = _asked(readers, heads, watched)
    lists = _Lists({id_: heads[id_].person for id_ in asked if asked[id_][0].wants_snapshot})
    seen = chat_list.seen_reading({id_: wanted.full for id_, (_, wanted) in asked.items()})
    cursors = {cursor for _, wanted in asked.values() for cursor in wanted.cursors}
    sizes = changes.sizes_reading(cursors)
    claims = {claim for _, wanted in asked.values() for claim in wanted.claims}
    differing = differing_reading(claims)
    behind = {id_: wanted.person for id_, (_, wanted) in asked.items() if wanted.person is not None}
    of_people = change_feed.PersonChangesReading(behind)
    failed = notification_records.undelivered_reading(
        [id_ for id_, (reader, _) in asked.items() if not reader.begun]
    )
    read(
        failed,
        *([seen] if any(wanted.full for _, wanted in asked.values()) else []),
        *lists.reads,
        *([sizes] if cursors else []),
        *([differing] if claims else []),
        *of_people.reads,
    )
    portions = _portions(asked, sizes.result if cursors else {})
    missed = MissedChanges({id_: portion.sizes for id_, portion in portions.items()})
    read(*missed.reads)
    snapshots, undelivered = lists.snapshots(), failed.result
    owned = [
        (
            asked[person][0],
            Own(
                signed_in=(person, asked[person][0].session_key) in signed_in,
                heads=heads[person],
                snapshot=snapshots.get(person),
                wanted=asked[person][1],
                portion=portion,
                undelivered=undelivered.get(person, []),
                contacts=watched[person],
            ),
        )
        for person, portion in portions.items()
    ]
    return owned, Shared(seen, of_people, missed, differing.result if claims else set())


def _asked(
    readers: Sequence[ResumeReader],
    heads: Mapping[UUID, Heads],
    watched: Mapping[UUID, Sequence[UUID]],
) -> dict[UUID, tuple[ResumeReader, Wanted]]:
    """The first of the readers by person, with what they want, as many as the limits allow."""
    asked: dict[UUID, tuple[ResumeReader, Wanted]] = {}
    rows = 0
    compared: set[Cursor | SpanChecksum] = set()
    for reader in readers:
        person = reader.person
        if person not in heads:
            break
        reader.begin(heads[person])
        wanted = reader.wanted(heads[person])
        rows += len(wanted.full) + (len(watched[person]) if reader.wants_snapshot else 0)
        # Each changed row of a person's stream has a revision of its own.
        rows += 0 if wanted.person is None else heads[person].person - wanted.person
        compared.update(wanted.cursors, wanted.claims)
        if asked and (rows > MAX_ROWS_TOGETHER or len(compared) > MAX_COMPARED_TOGETHER):
            break
        asked[person] = reader, wanted
    return asked


def _portions(
    asked: Mapping[UUID, tuple[ResumeReader, Wanted]], sizes: Mapping[Cursor, int | None]
) -> dict[UUID, Portion]:
    """What the first of these people have missed in chats, as many as `MAX_BYTES_TOGETHER` allows.
    Changes that several have missed are counted once, as they are read once."""
    portions: dict[UUID, Portion] = {}
    counted: set[Cursor] = set()
    size = 0
    for person, (reader, wanted) in asked.items():
        portion = reader.portion(wanted, sizes)
        size += sum(weight_of(each) for c, each in portion.sizes.items() if c not in counted)
        if portions and size > MAX_BYTES_TOGETHER:
            break
        counted.update(cursor for cursor, each in portion.sizes.items() if each is not None)
        portions[person] = portion
    return portions


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
        self._notes = notes.reading(people)

    @property
    def reads(self) -> list[Read[Any]]:
        """What is to be read: nothing for nobody."""
        if not self._heads:
            return []
        return [
            *(self._me, self._contacts, self._drafts),
            *(self._saved, self._scheduled, self._settings, self._notes),
        ]

    def snapshots(self) -> dict[UUID, events.Snapshot]:
        """A snapshot for each of these people whose account is open."""
        if not self._heads:
            return {}
        lists, texts, kept = self._contacts.result, self._drafts.result, self._saved.result
        later, settings = self._scheduled.result, self._settings.result
        answers = self._notes.result
        return {
            person: events.Snapshot(
                user_rev=self._heads[person],
                me=me,
                contacts=lists[person],
                drafts=texts[person],
                saved=kept[person],
                scheduled=later[person],
                notifications=settings[person],
                notes=answers[person],
            )
            for person, me in self._me.result.items()
        }
