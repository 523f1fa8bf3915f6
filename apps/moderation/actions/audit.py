"""Writes the audit log. The record commits with what it records, or not at all.

with transaction.atomic():
    ...  # the change, with all its locks
    audit.record("ban", by=by, about=About(person=person), reason=reason)
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction

from apps.accounts.staff_record import Deed
from apps.core.operators import operator_name
from apps.moderation import audit_chain
from apps.moderation.models import AuditRecord

Door = AuditRecord.Door
# Held from here to the COMMIT: the order of numbers is the order of commits. Nothing else takes
# this number, and `docs/locks.md` puts it after all rows, so that its holder waits for nothing.
LOCK_NUMBER = 7_107_065_119_003_181_000
LOCK = "SELECT pg_advisory_xact_lock(%s)"
NOW = "SELECT clock_timestamp()"


class By(NamedTuple):
    """Who acts, and where. Without a person: a program, or an operator with `manage.py`."""

    id: UUID | None
    door: Door


class About(NamedTuple):
    """Whom or what a record is about."""

    person: UUID | None = None
    chat: UUID | None = None
    seq: int | None = None
    report: UUID | None = None


def of_deed(deed: Deed) -> None:
    """Append what staff, an operator or the server itself did to an account."""
    door = Door.ADMIN if deed.by else Door.WORKER if deed.by_server else Door.COMMAND
    by = By(deed.by, door)
    record(deed.action, by=by, about=About(person=deed.person), details=deed.details)


def record(
    action: str,
    *,
    by: By,
    about: About,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
) -> AuditRecord:
    """Append a record. Call it as the last statement of the transaction of the change.

    `details` has numbers, texts, and lists and objects of these; never the words of a message.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("An audit record needs a transaction.")
    more = dict(details or {})
    if by.door == Door.COMMAND:
        more["operator"] = operator_name()
    now = _lock()
    last = AuditRecord.objects.order_by("-number").values_list("number", "hash").first()
    number, previous = last or (0, audit_chain.BEGINNING)
    row = AuditRecord(
        number=number + 1,
        at=now,
        action=action,
        door=by.door,
        by=by.id,
        **about._asdict(),
        reason=reason,
        details=json.dumps(more, ensure_ascii=False, sort_keys=True),
        previous=previous,
    )
    row.hash = audit_chain.hash_of(vars(row))
    row.save(force_insert=True)
    return row


def _lock() -> datetime:
    """Wait for other records to commit. Returns the time after that."""
    now: datetime
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [LOCK_NUMBER])
        cursor.execute(NOW)
        [now] = cursor.fetchone()
    return now
