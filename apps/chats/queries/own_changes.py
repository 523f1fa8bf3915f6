"""The changes of chats, saved messages, drafts and scheduled messages in people's own streams."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from apps.chats.queries import chat_list, drafts, saved, scheduled
from apps.core.reads import Read
from apps.wire import bodies, events
from apps.wire.publish import JoinChat, LeaveChat, Publication

# Limits of one read of a person's stream, by the possible size of an item.
MAX_OWN_CHATS = 200
MAX_OWN_TEXTS = 10


class OwnChangesReading:
    """The reads of what changed in each person's stream after a revision."""

    def __init__(self, since: Mapping[UUID, int]) -> None:
        self._chats = chat_list.changes_reading(since, limit=MAX_OWN_CHATS)
        self._left = chat_list.left_reading(since)
        self._saved = saved.changes_reading(since)
        self._drafts = drafts.changes_reading(since, limit=MAX_OWN_TEXTS)
        self._scheduled = scheduled.changes_reading(since, limit=MAX_OWN_TEXTS)
        self.reads: list[Read[Any]] = [
            *(self._chats, self._left, self._saved),
            *(self._drafts, self._scheduled),
        ]

    def of(self, user_id: UUID) -> tuple[list[Publication], int | None]:
        """One person's changes, and the revision up to which they are complete; None if there are
        no more."""
        chats = [chat_changed(user_id, rev, chat) for rev, chat in self._chats.of(user_id)]
        bounded = (
            (MAX_OWN_CHATS, chats),
            (MAX_OWN_TEXTS, self._drafts.of(user_id)),
            (MAX_OWN_TEXTS, self._scheduled.of(user_id)),
        )
        found = [chat_left(user_id, rev, chat) for rev, chat in self._left.of(user_id)]
        found += self._saved.of(user_id)
        found += [item for _, items in bounded for item in items]
        # A list at its limit may continue after its last item.
        ends = [items[-1].rev or 0 for most, items in bounded if len(items) == most]
        return found, min(ends, default=None)


def chat_changed(user_id: UUID, rev: int, chat: bodies.Chat) -> Publication:
    """The person joined a chat, or their settings of it changed, at `rev` of their stream."""
    effect = JoinChat(chat=chat.id, rev=chat.rev)
    event = events.ChatChanged(user_rev=rev, chat=chat)
    return Publication("person", user_id, event, rev, rev - 1, effect)


def chat_left(user_id: UUID, rev: int, chat_id: UUID) -> Publication:
    """The person is no longer in a chat, at `rev` of their stream."""
    event = events.ChatLeft(user_rev=rev, chat=chat_id)
    effect = LeaveChat(chat=chat_id, person=user_id)
    return Publication("person", user_id, event, rev, rev - 1, effect)
