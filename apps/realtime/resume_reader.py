"""Reads what one client has missed from PostgreSQL, in parts of bounded size. What all clients need
is read for several together: see `resume_parts`."""

import logging
from collections.abc import Callable, Iterable
from typing import NamedTuple, TypeVar
from uuid import UUID

from django.db import Error
from msgspec import Struct

from apps.chats.queries import changes as chat_changes
from apps.chats.queries import chat_list
from apps.core.errors import NotFound, SignedOut
from apps.realtime import change_feed
from apps.realtime.outgoing import FRAME_CHARACTERS
from apps.realtime.self_check import mismatches
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

    @property
    def small(self) -> bool:
        """Whether it fits into one frame."""
        return len(self.encoded) <= 1 or sum(map(len, self.encoded)) <= FRAME_CHARACTERS


class Heads(NamedTuple):
    """The epoch, the revisions of a person's chats, newest activity first, and of their own
    stream."""

    epoch: UUID | None
    chats: dict[UUID, int]
    person: int


class Own(NamedTuple):
    """What `resume_parts` has read for one person.

    `snapshot`: None unless the client starts from nothing, or for a closed account. `chats`: those
    that the client does not know; None if some of them cannot be read. `signed_in`: whether the
    session of the connection is valid.
    """

    signed_in: bool
    heads: Heads
    snapshot: events.Snapshot | None
    chats: list[bodies.Chat] | None
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

    def unknown(self, heads: Heads) -> list[UUID]:
        """The chats that the client does not know, as many as go into a part."""
        known = self._chats.keys() | self._unreadable
        return [chat for chat in heads.chats if chat not in known][:MAX_CHATS_IN_A_PART]

    def read(self, own: Own) -> Part:
        """Read the next part and move the cursors past it, inside the snapshot of `own`. Raises
        SignedOut when the session has ended. A read that fails moves no cursor: it may be repeated.
        """
        if not own.signed_in:
            raise SignedOut
        cursors = dict(self._chats), self._user, self._budget
        try:
            return self._next_part(own)
        except Exception:
            self._chats, self._user, self._budget = cursors
            raise

    def _next_part(self, own: Own) -> Part:
        heads = own.heads
        found: list[events.Event] = []
        if self._reset is not None and not self.begun:
            found.append(events.Reset(reason=self._reset))
        if self.wants_snapshot:
            if own.snapshot is None:
                raise NotFound
            found.append(own.snapshot)
        found += self._person_events(heads.person)
        found += self._current_state(self.unknown(heads), own.chats)
        found += self._chat_events(heads.chats)
        if not self.begun:
            found += self._once(own)
        encoded = [encode(event) for event in found]
        readable = {chat: rev for chat, rev in heads.chats.items() if chat not in self._unreadable}
        reached = all(self._chats.get(chat, -1) >= rev for chat, rev in readable.items())
        complete = self._user >= heads.person and reached
        # Of this snapshot: a contact lost before it must not be watched, and one lost after it is
        # announced in the person's stream.
        self.contacts = own.contacts
        self.begun = True
        return Part(encoded, readable, self._user, complete)

    def _once(self, own: Own) -> list[events.Event]:
        """Events that a resume sends once, whatever its number of parts."""
        found: list[events.Event] = []
        if not self._fresh:
            found += mismatches(self._command, own.heads.chats)
        if own.undelivered:
            found.append(events.UndeliveredNotices(chats=own.undelivered))
        return found

    def _person_events(self, head: int) -> list[events.Event]:
        # Most clients have missed nothing of their person's stream.
        if self._user >= head:
            return []
        found, end = change_feed.of_person(self.person, self._user)
        self._user = head if end is None else end
        return [item.event for item in found if item.event is not None]

    def _chat_events(self, heads: dict[UUID, int]) -> list[events.Event]:
        """Changes of chats that the client knows."""
        behind = {
            chat: self._chats[chat]
            for chat, rev in heads.items()
            if chat in self._chats and self._chats[chat] < rev and chat not in self._unreadable
        }
        if self._budget <= 0:
            return self._current_state(list(behind)[:MAX_CHATS_IN_A_PART])
        compared = dict(list(behind.items())[:MAX_COMPARED_IN_A_PART])
        left = MAX_BYTES_IN_A_PART
        portion: list[UUID] = []
        sizes = chat_changes.sizes(compared)
        for chat, size in sizes.items():
            weight = chat_changes.GAP_BYTES if size is None else size
            if portion and weight > left:
                break
            portion.append(chat)
            left -= weight
        self._budget -= MAX_BYTES_IN_A_PART - left
        found = self._readable(lambda chats: self._changed(chats, behind, sizes), portion)
        self._chats |= {chat: heads[chat] for chat in portion}
        return found

    def _changed(
        self, chats: list[UUID], cursors: dict[UUID, int], sizes: dict[UUID, int | None]
    ) -> list[events.Event]:
        few = {chat: cursors[chat] for chat in chats if sizes[chat] is not None}
        missed = chat_changes.read(few)
        found = [
            event
            for chat in missed
            for event in change_feed.events_for(self.person, chat, missed[chat])
        ]
        gaps = [chat for chat in chats if chat not in few]
        return [*found, *(chat_changes.gap(self.person, chat) for chat in gaps)]

    def _current_state(
        self, chats: list[UUID], known: list[bodies.Chat] | None = None
    ) -> list[events.Event]:
        """Chats in full. `known`: these chats, if they have been read."""

        def read(some: list[UUID]) -> list[bodies.Chat]:
            return chat_list.by_ids(self.person, some)

        places = {chat: place for place, chat in enumerate(chats)}
        unsorted = self._readable(read, chats) if known is None else known
        found = sorted(unsorted, key=lambda chat: places[chat.id])
        self._chats |= {chat.id: chat.rev for chat in found}
        return [
            events.Chats(chats=found[start : start + CHATS_IN_AN_EVENT])
            for start in range(0, len(found), CHATS_IN_AN_EVENT)
        ]

    def _readable(self, read: Callable[[list[UUID]], Iterable[T]], chats: list[UUID]) -> list[T]:
        """`read(chats)`. When that fails, read chat by chat and skip those that fail."""
        if not chats:
            return []
        try:
            return list(read(chats))
        except Error:  # the transaction has ended with it
            raise
        except Exception:
            if len(chats) == 1:
                logger.exception("chat %s cannot be read and is passed over", chats[0])
                self._unreadable.add(chats[0])
                return []
        return [item for chat in chats for item in self._readable(read, [chat])]


def _reset_reason(command: Resume, heads: Heads) -> events.ResetReason | None:
    if command.epoch is None:
        return None
    if command.epoch != heads.epoch:
        return "unknown_epoch"
    ahead = any(rev > heads.chats.get(chat, rev) for chat, rev in command.chats.items())
    return "cursor_ahead" if ahead or command.user > heads.person else None
