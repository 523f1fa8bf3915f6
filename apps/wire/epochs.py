"""Reads the current epoch and begins a new one: see `models.Epoch`."""

from typing import NamedTuple
from uuid import UUID, uuid4

from django.db.models.functions import Now

from apps.core.reads import Read, result_of
from apps.wire.models import Epoch

CURRENT = "SELECT id FROM wire_epoch ORDER BY began_at DESC LIMIT 1"
# A server that was promoted writes another timeline: the first eight digits of the names of its WAL
# files, at once (pg_control_checkpoint() has it a checkpoint later). A standby writes none.
LINE = f"""
SELECT ({CURRENT}),
    CASE WHEN pg_is_in_recovery() THEN ''
        ELSE left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) END,
    current_setting('synchronous_standby_names') <> ''
        AND current_setting('synchronous_commit') NOT IN ('off', 'local')
"""  # nosec B608  a constant


class Line(NamedTuple):
    """The line of history that the database server writes: the epoch, PostgreSQL's timeline (empty
    on a standby), and whether a commit waits until a standby has it."""

    epoch: UUID | None
    timeline: str
    synchronous: bool


def current() -> UUID | None:
    """The epoch that a client must send to resume. None only in an emptied database."""
    return result_of(reading())


def reading() -> Read[UUID | None]:
    """The read of `current`."""
    return Read(CURRENT, (), lambda rows: rows[0][0] if rows else None)


def line() -> Line:
    """The line of history of the server that is asked."""
    return result_of(Read(LINE, (), lambda rows: Line(*rows[0])))


def begin(*, after: UUID | None) -> UUID:
    """Replace the epoch `after` and return the current one.

    Every process that notices the same event calls this with the epoch it knows. The first call
    begins a new epoch, the others return it. All cursors of the old epoch are refused from then on.
    """
    if after is None and not Epoch.objects.exists():
        return Epoch.objects.create().id
    if after is not None:
        Epoch.objects.filter(id=after).update(id=uuid4(), began_at=Now())
    return Epoch.objects.order_by("-began_at").values_list("id", flat=True)[0]
