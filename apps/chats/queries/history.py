"""Pages of a chat's timeline. Each is one range of the primary key, so its cost does not depend on
the length of the history."""

from collections.abc import Collection
from datetime import date, time
from uuid import UUID
from zoneinfo import ZoneInfo

from apps.chats.models import Message
from apps.chats.queries.message_rows import SELECT, message, select
from apps.core.local_time import instant_of
from apps.core.reads import KeyedRead
from apps.wire import bodies

IN_CHAT = "WHERE m.chat_id = %(chat)s "
# A page with long texts ends early, but has at least one entry.
PAGE_BYTES = 1_000_000
# Selects the seqs of a page, nearest first. `octet_length` does not read a long text.
BOUNDED = """
AND m.seq IN (
    SELECT s.seq FROM (
        SELECT b.seq, octet_length(b.text) AS size,
            sum(octet_length(b.text)) OVER (ORDER BY {nearest}) AS total
        FROM chats_message b WHERE b.chat_id = %(chat)s {range} ORDER BY {nearest} LIMIT %(limit)s
    ) s WHERE s.total - s.size < %(bytes)s
) ORDER BY m.seq
"""
NEWEST = f"""
SELECT k.chat, e.* FROM unnest(%s::uuid[]) AS k (chat)
CROSS JOIN LATERAL ({SELECT} WHERE m.chat_id = k.chat {
    BOUNDED.format(nearest="b.seq DESC", range="")
    .replace("%(chat)s", "k.chat")
    .replace("%(limit)s", "%s")
    .replace("%(bytes)s", "%s")
}) e
"""  # noqa: S608  constants only


def newest_reading(
    chats: Collection[UUID], *, limit: int, max_bytes: int
) -> KeyedRead[UUID, bodies.Message]:
    """The read of `newest` for several chats."""
    return KeyedRead(NEWEST, [list(chats), limit, max_bytes], message)


def newest(chat_id: UUID, *, limit: int, max_bytes: int = PAGE_BYTES) -> list[bodies.Message]:
    """The last `limit` entries, in seq order."""
    values = {"chat": chat_id, "limit": limit, "bytes": max_bytes}
    return select(IN_CHAT + BOUNDED.format(nearest="b.seq DESC", range=""), values)


def before(chat_id: UUID, *, seq: int, limit: int) -> list[bodies.Message]:
    """Up to `limit` entries directly before `seq`, in seq order."""
    tail = BOUNDED.format(nearest="b.seq DESC", range="AND b.seq < %(seq)s")
    return _page(chat_id, tail, seq=seq, limit=limit)


def after(chat_id: UUID, *, seq: int, limit: int) -> list[bodies.Message]:
    """Up to `limit` entries directly after `seq`, in seq order."""
    tail = BOUNDED.format(nearest="b.seq", range="AND b.seq > %(seq)s")
    return _page(chat_id, tail, seq=seq, limit=limit)


def around(chat_id: UUID, *, seq: int, limit: int) -> list[bodies.Message]:
    """About `limit` entries around `seq`. Seqs have no gaps, so this is one range."""
    first = max(1, seq - limit // 2)
    tail = BOUNDED.format(
        nearest="abs(b.seq - %(seq)s), b.seq",
        range="AND b.seq >= %(first)s AND b.seq < %(end)s",
    )
    # Not added by PostgreSQL: a prepared statement gets small numbers as smallint.
    return _page(chat_id, tail, seq=seq, limit=limit, first=first, end=first + limit)


def thread(chat_id: UUID, *, root: int, after_seq: int, limit: int) -> list[bodies.Message]:
    """Up to `limit` replies of the thread that started with `root`, in seq order."""
    return select(
        IN_CHAT + "AND m.thread = %(root)s AND m.seq > %(seq)s ORDER BY m.seq LIMIT %(limit)s",
        {"chat": chat_id, "root": root, "seq": after_seq, "limit": limit},
    )


def pinned(chat_id: UUID, *, limit: int) -> list[bodies.Message]:
    """Pinned messages, newest pin first."""
    return select(
        IN_CHAT + "AND m.pinned_at IS NOT NULL ORDER BY m.pinned_at DESC LIMIT %(limit)s",
        {"chat": chat_id, "limit": limit},
    )


def _page(chat_id: UUID, tail: str, *, limit: int, **values: int) -> list[bodies.Message]:
    given = {"chat": chat_id, "limit": limit, "bytes": PAGE_BYTES, **values}
    return select(IN_CHAT + tail, given)


def first_on(chat_id: UUID, *, day: date, time_zone: ZoneInfo) -> int | None:
    """The seq of the first entry on that day or later; None if there is none.

    Times never go back within a chat (see `chats.actions.messages`), so the first entry by time is
    also the first by seq.
    """
    start = instant_of(day, time.min, time_zone)
    return (
        Message.objects.filter(chat_id=chat_id, created_at__gte=start)
        .order_by("created_at", "seq")
        .values_list("seq", flat=True)
        .first()
    )
