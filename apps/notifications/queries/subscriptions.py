"""A person's devices that receive pushes."""

from uuid import UUID

from apps.notifications.models import Subscription
from apps.wire import bodies


def of_person(user_id: UUID, *, session_key: str) -> list[bodies.PushDevice]:
    """The person's devices, newest first; `current` marks the device of the session that asks."""
    rows = Subscription.objects.filter(user_id=user_id).order_by("-created_at")
    return [body(row, session_key=session_key) for row in rows]


def body(row: Subscription, *, session_key: str) -> bodies.PushDevice:
    """The device as its owner sees it: without the endpoint and keys, which are secrets."""
    return bodies.PushDevice(
        id=row.id,
        name=row.name,
        gateway=row.gateway,
        created_at=row.created_at,
        reached_at=row.reached_at,
        current=row.session_id == session_key,
    )
