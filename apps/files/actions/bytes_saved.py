"""Counts what the data saver saves a person: each device counts for itself and reports its sum."""

from uuid import UUID

from django.db import transaction

from apps.accounts.actions import streams
from apps.accounts.models import User
from apps.core.errors import Invalid, NotFound
from apps.core.limits import BYTES_SAVED, limited
from apps.files.models import BytesSaved
from apps.files.queries.bytes_saved import device_of, this_month


@limited(BYTES_SAVED)
def report(user_id: UUID, *, session_key: str, month: str, saved: int) -> None:
    """Replace what the session's device has saved this month. Idempotent.

    Raises NotFound for a closed account or an ended session, and Invalid for another month: the
    device begins again at zero.
    """
    with transaction.atomic():
        streams.lock([user_id])
        if not User.objects.filter(id=user_id, is_active=True).exists():
            raise NotFound
        device_id = device_of(user_id, session_key)
        if month != this_month():
            raise Invalid("Report the bytes of this month.", pointer="#/month")
        # Also those of devices that are gone.
        BytesSaved.objects.filter(user_id=user_id).exclude(month=month).delete()
        BytesSaved.objects.update_or_create(
            user_id=user_id, device_id=device_id, defaults={"month": month, "bytes": saved}
        )
