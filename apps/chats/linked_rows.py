"""Rows that apps above store about a message, as votes in a poll. They go with the message, and
stay while moderators hide it.

class Polls(Plugin):
    def ready(self) -> None:
        register_linked_rows("poll_votes", LinkedRows(read, delete))
"""

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from apps.chats.models import Reaction

Rows = list[dict[str, Any]]


class LinkedRows(NamedTuple):
    """`read` returns those of a message, as JSON. `delete` takes a chat and the entries that are
    deleted: from the first seq, up to but without the second; it returns how many rows there were.
    Both are called under the chat's lock."""

    read: Callable[[UUID, int], Rows]
    delete: Callable[[UUID, int, int], int]


_registered: dict[str, LinkedRows] = {}


def register_linked_rows(name: str, rows: LinkedRows) -> None:
    """Delete these rows with their messages. Receipts of deletions count them as `name`."""
    _registered[name] = rows


def read_linked_rows(chat_id: UUID, seq: int) -> dict[str, Rows]:
    """Who did what with a message, by name, as JSON: for what a hold keeps."""
    reactions = Reaction.objects.filter(chat_id=chat_id, seq=seq).order_by("at", "user_id")
    found = {
        "reactions": [
            {"user": str(each.user_id), "emoji": each.emoji, "at": each.at.isoformat()}
            for each in reactions
        ]
    }
    found |= {name: rows.read(chat_id, seq) for name, rows in _registered.items()}
    return {name: rows for name, rows in found.items() if rows}


def delete_linked_rows(chat_id: UUID, first: int, end: int) -> dict[str, int]:
    """Delete the rows of apps above about the entries from `first` up to, but without, `end`.
    Returns how many there were, by name."""
    return {name: rows.delete(chat_id, first, end) for name, rows in _registered.items()}
