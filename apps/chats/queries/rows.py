"""Rows of the timeline, and the bodies made of them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from apps.wire import bodies

COLUMNS = "seq, rev, id, kind, sender_id, client_id, text, created_at"
Row = tuple[int, int, UUID, str, UUID, UUID, str, datetime]
FIELDS = ("seq", "rev", "id", "kind", "sender_id", "client_id", "text", "created_at")


def message(row: Row) -> bodies.Message:
    """The body of one row of `COLUMNS` (or `FIELDS`)."""
    seq, rev, id_, kind, sender, client_id, text, at = row
    return bodies.Message(
        seq=seq, rev=rev, id=id_, kind=kind, sender=sender, client_id=client_id, text=text, at=at
    )


def messages(rows: Iterable[Row]) -> list[bodies.Message]:
    """The bodies of rows, in their order."""
    return [message(row) for row in rows]
