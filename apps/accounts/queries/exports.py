"""A person's exports, as their owner sees them."""

from typing import cast
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from apps.accounts.models import Export
from apps.core.errors import NotFound
from apps.wire import bodies

MAX_SHOWN = 20


def of_person(user_id: UUID) -> list[bodies.Export]:
    """The person's exports, the newest first."""
    return [body(row) for row in _open(user_id).order_by("-asked_at", "-id")[:MAX_SHOWN]]


def get(user_id: UUID, export_id: UUID) -> Export:
    """One of the person's exports. Raises NotFound, also for one that has expired."""
    row = _open(user_id).filter(id=export_id).first()
    if row is None:
        raise NotFound
    return row


def body(row: Export) -> bodies.Export:
    """An export as clients get it."""
    ready = row.state == Export.State.READY
    return bodies.Export(
        id=row.id,
        state=cast(bodies.ExportState, row.state),
        asked_at=row.asked_at,
        ready_at=row.ready_at,
        size=row.size,
        collected=100 if ready else row.collected,
        expires_at=row.expires_at,
        url=f"/settings/data/{row.id}/file" if ready else None,
        chat=row.chat,
    )


def _open(user_id: UUID) -> "QuerySet[Export]":
    return Export.objects.filter(user_id=user_id, expires_at__gt=timezone.now())
