"""Pages of a chat's timeline. Each is one range of the primary key: its cost does not depend on
how long the history is."""

from datetime import date, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from apps.chats.models import Message
from apps.chats.queries.rows import FIELDS, messages
from apps.wire import bodies


def newest(chat_id: UUID, *, limit: int) -> list[bodies.Message]:
    """The last `limit` entries, in seq order."""
    return _backwards(_entries(chat_id), limit)


def before(chat_id: UUID, *, seq: int, limit: int) -> list[bodies.Message]:
    """Up to `limit` entries right before `seq`, in seq order."""
    return _backwards(_entries(chat_id).filter(seq__lt=seq), limit)


def after(chat_id: UUID, *, seq: int, limit: int) -> list[bodies.Message]:
    """Up to `limit` entries right after `seq`, in seq order."""
    return messages(_entries(chat_id).filter(seq__gt=seq).order_by("seq")[:limit])


def around(chat_id: UUID, *, seq: int, limit: int) -> list[bodies.Message]:
    """About `limit` entries with `seq` in their middle. seqs have no gaps, so it is one range."""
    first = max(1, seq - limit // 2)
    return messages(_entries(chat_id).filter(seq__gte=first, seq__lt=first + limit).order_by("seq"))


def first_on(chat_id: UUID, *, day: date, time_zone: ZoneInfo) -> int | None:
    """The seq of the first entry on that day or later, None when there is none.

    Times never go back within a chat (see `chats.actions.messages`), so the first in time is
    also the first in order.
    """
    start = datetime.combine(day, time.min, tzinfo=time_zone)
    return (
        Message.objects.filter(chat_id=chat_id, created_at__gte=start)
        .order_by("created_at", "seq")
        .values_list("seq", flat=True)
        .first()
    )


def _entries(chat_id: UUID) -> "QuerySet[Message, tuple[Any, ...]]":
    return Message.objects.filter(chat_id=chat_id).values_list(*FIELDS)


def _backwards(entries: "QuerySet[Message, tuple[Any, ...]]", limit: int) -> list[bodies.Message]:
    return messages(reversed(entries.order_by("-seq")[:limit]))
