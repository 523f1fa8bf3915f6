"""Bodies of the API of retention."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from apps.wire.http import Input

Days = Annotated[int, Meta(ge=0, le=3650)]


class RetentionQuery(Input, frozen=True):
    """What a rule of so many days would delete."""

    days: Days | None = None


class NewRetention(Input, frozen=True):
    """How many days messages are kept; 0: until somebody deletes them."""

    days: Days


class Retention(Struct, frozen=True):
    """How long a chat keeps its messages.

    `days`: what is in force now (0: they are kept): the fewer of `own_days`, which counts from
    `own_from` on, and `installation_days`. `paused`: nothing is deleted at the moment, because of a
    hold. `may_change`: whether the reader may set `own_days`. `deletes`: how many entries the days
    of the query would delete now.
    """

    days: int
    own_days: int
    own_from: datetime | None
    installation_days: int
    paused: bool
    may_change: bool
    kept_from: int
    deletes: int


class BackupCopy(Struct, frozen=True):
    """A backup that may still have what was deleted; `kept_until` is null: until it is deleted."""

    name: str
    made_at: str
    kept_until: str | None


class Receipt(Struct, frozen=True):
    """The receipt of a deletion. `removed`: how many rows and objects, by place. `digest`: a hash
    over the deleted entries; `hash`: one over this receipt (docs/retention.md)."""

    id: UUID
    kind: str
    chat: UUID | None
    person: UUID | None
    reason: str
    days: int
    before_seq: int | None
    removed: dict[str, int]
    digest: str
    stopped_by_hold: bool
    begun_at: str
    rows_deleted_at: str | None
    finished_at: str | None
    hash: str
    backups: list[BackupCopy]


class Receipts(Struct, frozen=True):
    """The newest receipts of a chat."""

    items: list[Receipt]


def receipt(document: dict[str, Any]) -> Receipt:
    """The body of a document of `queries.receipts`."""
    backups = [BackupCopy(**each) for each in document["backups"]]
    return Receipt(**{**document, "backups": backups})
