"""Receipts of deletions, as documents."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from apps.chats.queries.access import get_membership
from apps.chats.roles import Right, may
from apps.core.errors import Forbidden, NotFound
from apps.retention.backup_handlers import Backup, existing_backups
from apps.retention.models import DeletionReceipt

MAX_LISTED = 100


def of_chat(user_id: UUID, chat_id: UUID) -> list[dict[str, Any]]:
    """The newest receipts of a chat, for those who may set how long it keeps messages. Raises
    NotFound, Forbidden."""
    _check(user_id, chat_id)
    rows = DeletionReceipt.objects.filter(chat_id=chat_id).order_by("-begun_at")
    backups = existing_backups()
    return [document(row, backups) for row in rows[:MAX_LISTED]]


def one(user_id: UUID, receipt: UUID) -> dict[str, Any]:
    """One receipt, for the same people. Raises NotFound, also for one of another chat."""
    row = DeletionReceipt.objects.filter(id=receipt, chat_id__isnull=False).first()
    if row is None or row.chat_id is None:
        raise NotFound
    try:
        _check(user_id, row.chat_id)
    except Forbidden:
        raise NotFound from None
    return document(row)


def document(row: DeletionReceipt, backups: Iterable[Backup] | None = None) -> dict[str, Any]:
    """The receipt as it is handed out: what is hashed, the hash, and where copies may still be.

    `backups`: those that exist, if they were read already. One that was made while something was
    being deleted has a part of it.
    """
    known = existing_backups() if backups is None else backups
    deleted_at = row.rows_deleted_at or timezone.now()
    return {
        **_hashed(row),
        "hash": row.hash,
        "backups": [
            {"name": each.name, "made_at": _time(each.made_at), "kept_until": _time(each.until)}
            for each in known
            if each.made_at <= deleted_at
        ],
    }


def hash_of(row: DeletionReceipt) -> str:
    """The SHA-256 of a finished receipt, over its JSON with sorted keys and no spaces."""
    text = json.dumps(_hashed(row), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _hashed(row: DeletionReceipt) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "kind": row.kind,
        "chat": row.chat_id and str(row.chat_id),
        "person": row.person_id and str(row.person_id),
        "reason": row.reason,
        "days": row.days,
        "before_seq": row.before,
        "removed": row.removed,
        "digest": row.digest,
        "stopped_by_hold": row.stopped_by_hold,
        "begun_at": _time(row.begun_at),
        "rows_deleted_at": _time(row.rows_deleted_at),
        "finished_at": _time(row.finished_at),
    }


def _check(user_id: UUID, chat_id: UUID) -> None:
    member = get_membership(user_id, chat_id)
    if not may(member.role, Right.RETENTION, direct=member.chat.kind == "direct"):
        raise Forbidden


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
