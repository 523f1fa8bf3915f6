"""Makes the parts of one resume, of bounded size, of what `resume_parts` reads for several clients
together."""

import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple, TypeVar
from uuid import UUID

from msgspec import Struct

from apps.chats.queries.changes import Cursor
from apps.chats.queries.span_checksums import SpanChecksum
from apps.core.errors import NotFound, SignedOut
from apps.core.reads import KeyedRead
from apps.realtime import change_feed
from apps.realtime.missed_changes import MissedChanges, weight_of
from apps.realtime.self_check import claims_of, mismatches
from apps.wire import bodies, events
from apps.wire.codec import encode
from apps.wire.commands import Resume

logger = logging.getLogger(__name__)

CHATS_IN_AN_EVENT = 50
# Limits of one part. The missed changes of one chat are never divided: chats.queries.changes has a
# limit of its own, beyond which they become a gap.
MAX_CHATS_IN_A_PART = 500
MAX_COMPARED_IN_A_PART = 200
MAX_BYTES_IN_A_PART = 500_000
# After so many bytes of missed changes, the remaining chats are sent in their current state.
MAX_MISSED_BYTES = 8_000_000

T = TypeVar("T")


class Part(Struct):
    """One part of a resume: encoded events, and the revision of each stream after them.

    `complete`: nothing else is missing, as of this part's snapshot.
    """

    encoded: list[str]
    chats: dict[UUID, int]
    user: int
    complete: bool

    def fits(self, characters: int) -> bool:
        """Whether it is no longer than this. One event, which cannot be divided, always fits."""
        return len(self.encoded) <= 1 or sum(map(len, self.encoded)) <= characters


class Heads(NamedTuple):
    """The epoch, the revisions of a person's chats, newest activity first, and of their own
    stream."""

    epoch: UUID | None
    chats: dict[UUID, int]
    person: int


class Wanted(NamedTuple):
    """What the next part of one resume is made of, besides what every client needs.

    `full`: chats to send in their current state. `person`: the revision of the person's stream
    after which its changes are sent; None: nothing has changed. `cursors`: chats that have moved.
    `claims`: spans to compare with what is stored.
    """

    full: list[UUID]
    person: int | None
    cursors: list[Cursor]
    claims: list[SpanChecksum]


class Portion(NamedTuple):
    """The first of the wanted chats that have moved, as many as fit into a part, and their bytes;
    None instead of bytes that call for a gap."""

    sizes: dict[Cursor, int | None]

    @property
    def size(self) -> int:
        """The bytes of all of them."""
        return sum(map(weight_of, self.sizes.values()))


class Shared(NamedTuple):
    """What has been read for all clients of a batch, where each finds its own."""

    seen: KeyedRead[tuple[UUID, UUID], bodies.Chat]
    people: change_feed.PersonChangesReading
    missed: MissedChanges
    differing: set[SpanChecksum]


class Own(NamedTuple):
    """What `resume_parts` has read for one person.

    `snapshot`: None unless the client starts from nothing, or for a closed account. `signed_in`:
    whether the session of the connection is valid.
    """

    signed_in: bool
    heads: Heads
    snapshot: events.Snapshot | None
    wanted: Wanted
    portion: Portion
    undelivered: list[bodies.Undelivered]
    contacts: list[UUID]


class ResumeReader:
    """Reads one resume. Holds the client's cursors, which every part moves forward."""

    def __init__(self, person: UUID, session_key: str, command: Resume) -> None:
        self.person = person
        self.session_key = session_key
        self.contacts: list[UUID] = []
        self._command = command
        # Whether a part has been read.
        self.begun = False
        # Whether the client starts from nothing, and so holds nothing to compare.
        self._fresh = command.epoch is None
        self._reset: events.ResetReason | None = None
        self._chats = dict(command.chats)
        self._user = command.user
        self._budget = MAX_MISSED_BYTES
        # Chats that cannot be read. They must not delay the others.
        self._unreadable: set[UUID] = set()

    def begin(self, heads: Heads) -> None:
        """Decide before the first part whether the client can continue from its cursors. May be
        repeated until that part is read."""
        if self.begun:
            return
        self._reset = _reset_reason(self._command, heads)
        self._fresh = self._command.epoch is None or self._reset is not None
        self._chats = {} if self._fresh else dict(self._command.chats)
        self._user = heads.person if self._fresh else self._command.user

    @property
    def wants_snapshot(self) -> bool:
        """Whether the next part begins with a snapshot."""
        return self._fresh and not self.begun

    def wanted(self, heads: Heads) -> Wanted:
        """What to read for the next part."""
        known = self._chats.keys() | self._unreadable
        full = [chat for chat in heads.chats if chat not in known][:MAX_CHATS_IN_A_PART]
        behind = [
            Cursor(chat, self._chats[chat])
            for chat, rev in heads.chats.items()
            if self._chats.get(chat, rev) < rev and chat not in self._unreadable
        ]
        if self._budget <= 0:
            full += [cursor.chat for cursor in behind[:MAX_CHATS_IN_A_PART]]
            behind = []
        compares = not self._fresh and not self.begun
        return Wanted(
            full=full,
            person=self._user if self._user < heads.person else None,
            cursors=behind[:MAX_COMPARED_IN_A_PART],
            claims=claims_of(self._command, heads.chats) if compares else [],
        )

    def portion(self, wanted: Wanted, sizes: Mapping[Cursor, int | None]) -> Portion:
        """The wanted changes that fit into the next part, at least those of one chat."""
        portion: dict[Cursor, int | None] = {}
        left = MAX_BYTES_IN_A_PART
        for cursor in wanted.cursors:
            weight = weight_of(sizes[cursor])
            if portion and weight > left:
                break
            portion[cursor] = sizes[cursor]
            left -= weight
        return Portion(portion)

    def read(self, own: Own, shared: Shared) -> Part:
        """Read the next part and move the cursors past it, inside the snapshot of `own`. Raises
        SignedOut when the session has ended. A read that fails moves no cursor: it may be repeated.
        """
        if not own.signed_in:
            raise SignedOut
        cursors = dict(self._chats), self._user, self._budget
        try:
            return self._next_part(own, shared)
        except Exception:
            self._chats, self._user, self._budget = cursors
            raise

    def _next_part(self, own: Own, shared: Shared) -> Part:
        heads = own.heads
        found: list[events.Event] = []
        if self._reset is not None and not self.begun:
            found.append(events.Reset(reason=self._reset))
        if self.wants_snapshot:
            if own.snapshot is None:
                raise NotFound
            found.append(own.snapshot)
        found += self._person_events(own, shared)
        found += self._current_state(own.wanted.full, shared)
        encoded = [encode(event) for event in found]
        encoded += self._chat_events(own, shared)
        if not self.begun:
            encoded += [encode(event) for event in self._once(own, shared)]
        readable = {chat: rev for chat, rev in heads.chats.items() if chat not in self._unreadable}
        reached = all(self._chats.get(chat, -1) >= rev for chat, rev in readable.items())
        complete = self._user >= heads.person and reached
        # Of this snapshot: a contact lost before it must not be watched, and one lost after it is
        # announced in the person's stream.
        self.contacts = own.contacts
        self.begun = True
        return Part(encoded, readable, self._user, complete)

    def _once(self, own: Own, shared: Shared) -> list[events.Event]:
        """Events that a resume sends once, whatever its number of parts."""
        found: list[events.Event] = []
        if own.wanted.claims:
            found += mismatches(own.wanted.claims, shared.differing)
        if own.undelivered:
            found.append(events.UndeliveredNotices(chats=own.undelivered))
        return found

    def _person_events(self, own: Own, shared: Shared) -> list[events.Event]:
        # Most clients have missed nothing of their person's stream.
        if own.wanted.person is None:
            return []
        found, end = shared.people.of(self.person)
        self._user = own.heads.person if end is None else end
        return [item.event for item in found if item.event is not None]

    def _chat_events(self, own: Own, shared: Shared) -> list[str]:
        """Changes of chats that the client knows."""
        found: list[str] = []
        for cursor in own.portion.sizes:
            found += self._readable(cursor.chat, partial(shared.missed.of, self.person, cursor))
            self._chats[cursor.chat] = own.heads.chats[cursor.chat]
        self._budget -= own.portion.size
        return found

    def _current_state(self, chats: list[UUID], shared: Shared) -> list[events.Event]:
        """Chats in full."""
        found: list[bodies.Chat] = []
        for chat in chats:
            found += self._readable(chat, partial(shared.seen.of, (self.person, chat)))
        self._chats |= {chat.id: chat.rev for chat in found}
        return [
            events.Chats(chats=found[start : start + CHATS_IN_AN_EVENT])
            for start in range(0, len(found), CHATS_IN_AN_EVENT)
        ]

    def _readable(self, chat: UUID, read: Callable[[], list[T]]) -> list[T]:
        """`read()`. When that fails, the chat is passed over."""
        try:
            return read()
        except Exception:
            logger.exception("chat %s cannot be read and is passed over", chat)
            self._unreadable.add(chat)
            return []


def _reset_reason(command: Resume, heads: Heads) -> events.ResetReason | None:
    if command.epoch is None:
        return None
    if command.epoch != heads.epoch:
        return "unknown_epoch"
    ahead = any(rev > heads.chats.get(chat, rev) for chat, rev in command.chats.items())
    return "cursor_ahead" if ahead or command.user > heads.person else None
