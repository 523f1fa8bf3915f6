"""What the data saver saved a person."""

from uuid import UUID

from django.db.models import Sum
from django.utils import timezone

from apps.accounts.models import Session
from apps.core.errors import NotFound
from apps.files.models import BytesSaved
from apps.wire import bodies


def this_month() -> str:
    """The month of UTC."""
    return f"{timezone.now():%Y-%m}"


def get(user_id: UUID, *, session_key: str) -> bodies.BytesSaved:
    """This month's bytes of all devices, and of the session's device. Raises NotFound for a session
    that has ended."""
    device_id = device_of(user_id, session_key)
    rows = BytesSaved.objects.filter(user_id=user_id, month=this_month())
    own = rows.filter(device_id=device_id).values_list("bytes", flat=True).first()
    total = rows.aggregate(n=Sum("bytes"))["n"]
    return bodies.BytesSaved(month=this_month(), bytes=int(total or 0), device=own or 0)


def device_of(user_id: UUID, session_key: str) -> UUID:
    """The id of the person's device with this session. Raises NotFound."""
    mine = Session.objects.filter(session_key=session_key, user_id=user_id)
    if (found := mine.values_list("device_id", flat=True).first()) is None:
        raise NotFound
    return found
