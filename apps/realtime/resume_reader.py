"""Reads what one client has missed from PostgreSQL, in parts of bounded size."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar
from uuid import UUID

from django.db import Error
from msgspec import Struct

from apps.accounts.queries import profiles
from apps.chats.queries import changes as chat_changes
from apps.chats.queries import chat_list, drafts, saved, scheduled
from apps.contacts.queries import contacts
from apps.notifications.queries import notification_records, preferences
from apps.realtime import change_feed
from apps.realtime.outgoing import FRAME_CHARACTERS
from apps.realtime.self_check import mismatches
from apps.wire import bodies, epochs, events
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


class ResumeReader:
    """Reads one resume. Holds the client's cursors, which every part moves forward."""

    def __init__(self, person: UUID, command: Resume) -> None:
        self.contacts: list[UUID] = []
        self._person = person
        self._command = command
        self._begun = False
        # Whether the client starts from nothing, and so holds nothing to compare.
        self._fresh = command.epoch is None
        self._chats = dict(command.chats)
        self._user = command.user
        self._budget = MAX_MISSED_BYTES
        # Chats that cannot be read. They must not delay the others.
        self._unreadable: set[UUID] = set()

    def read(self) -> Part:
        """Read the next part and move the cursors past it."""
        with change_feed.snapshot():
            heads = chat_list.heads(self._person)
            head = change_feed.person_head(self._person)
            found = [] if self._begun else self._begin(heads, head)
            found += self._person_events(head)
            found += self._unknown_chats(heads)
            found += self._chat_events(heads)
            if not self._begun:
                found += self._once(heads)
                self._begun = True
            readable = {chat: rev for chat, rev in heads.items() if chat not in self._unreadable}
            reached = all(self._chats.get(chat, -1) >= rev for chat, rev in readable.items())
            complete = self._user >= head and reached
            if complete:
                # Read in this snapshot: a contact lost before it must not be watched, and one lost
                # after it is announced in the person's stream.
                self.contacts = contacts.contact_ids(self._person)
        encoded = [encode(event) for event in found]
        return Part(encoded, readable, self._user, complete)

    def _begin(self, heads: dict[UUID, int], head: int) -> list[events.Event]:
        """A snapshot, and a reset before it, when the client cannot continue from its cursors."""
        reason = _reset_reason(self._command, heads, head)
        if self._command.epoch is not None and reason is None:
            return []
        self._fresh, self._chats, self._user = True, {}, head
        snapshot = _snapshot(self._person, head)
        return [snapshot] if reason is None else [events.Reset(reason=reason), snapshot]

    def _once(self, heads: dict[UUID, int]) -> list[events.Event]:
        """Events that a resume sends once, whatever its number of parts."""
        found: list[events.Event] = []
        if not self._fresh:
            found += mismatches(self._command, heads)
        if undelivered := notification_records.undelivered(self._person):
            found.append(events.UndeliveredNotices(chats=undelivered))
        return found

    def _person_events(self, head: int) -> list[events.Event]:
        # Most clients have missed nothing of their person's stream.
        if self._user >= head:
            return []
        found, end = change_feed.of_person(self._person, self._user)
        self._user = head if end is None else end
        return [item.event for item in found if item.event is not None]

    def _unknown_chats(self, heads: dict[UUID, int]) -> list[events.Event]:
        """Chats that the client does not know."""
        known = self._chats.keys() | self._unreadable
        unknown = [chat for chat in heads if chat not in known][:MAX_CHATS_IN_A_PART]
        return self._current_state(unknown)

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
            for event in change_feed.events_for(self._person, chat, missed[chat])
        ]
        gaps = [chat for chat in chats if chat not in few]
        return [*found, *(chat_changes.gap(self._person, chat) for chat in gaps)]

    def _current_state(self, chats: list[UUID]) -> list[events.Event]:
        def read(some: list[UUID]) -> list[bodies.Chat]:
            return chat_list.by_ids(self._person, some)

        places = {chat: place for place, chat in enumerate(chats)}
        found = sorted(self._readable(read, chats), key=lambda chat: places[chat.id])
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


def _reset_reason(command: Resume, heads: dict[UUID, int], head: int) -> events.ResetReason | None:
    if command.epoch is None:
        return None
    if command.epoch != epochs.current():
        return "unknown_epoch"
    ahead = any(rev > heads.get(chat, rev) for chat, rev in command.chats.items())
    return "cursor_ahead" if ahead or command.user > head else None


def _snapshot(user_id: UUID, head: int) -> events.Snapshot:
    return events.Snapshot(
        user_rev=head,
        me=profiles.me(user_id),
        contacts=contacts.list_for(user_id),
        drafts=drafts.of_person(user_id),
        saved=saved.of_person(user_id),
        scheduled=scheduled.of_person(user_id),
        notifications=preferences.of_person(user_id),
    )
