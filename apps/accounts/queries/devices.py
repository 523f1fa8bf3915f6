"""A person's devices: everything that is signed in."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from apps.accounts.device_labels import label
from apps.accounts.models import Session
from apps.core.errors import NotFound
from apps.wire import bodies

MAX_SHOWN = 200


def of_person(user_id: UUID, *, session_key: str) -> list[bodies.Device]:
    """The person's devices, the last used first; `current` marks the one that asks."""
    rows = _open(user_id).order_by("-used_at", "device_id")[:MAX_SHOWN]
    return [body(row, session_key=session_key) for row in rows]


def get(user_id: UUID, device_id: UUID, *, session_key: str) -> bodies.Device:
    """One of the person's devices. Raises NotFound."""
    row = _open(user_id).filter(device_id=device_id).first()
    if row is None:
        raise NotFound
    return body(row, session_key=session_key)


def body(row: Session, *, session_key: str) -> bodies.Device:
    """A device as its owner sees it: without the session key, which is a secret."""
    return bodies.Device(
        id=row.device_id,
        name=row.name or label(row.agent),
        named=bool(row.name),
        kind="app" if row.is_app else "browser",
        began_at=row.began_at,
        used_at=row.used_at,
        address=row.address,
        current=row.session_key == session_key,
    )


def _open(user_id: UUID) -> "QuerySet[Session]":
    return Session.objects.filter(user_id=user_id, expire_date__gt=timezone.now())
