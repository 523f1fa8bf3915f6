"""Begin and read epochs: see `models.Epoch`."""

from uuid import UUID, uuid4

from django.db.models.functions import Now

from apps.wire.models import Epoch


def current() -> UUID | None:
    """The epoch that a client must present to continue. None only in an emptied database."""
    return Epoch.objects.order_by("-began_at").values_list("id", flat=True).first()


def begin(*, after: UUID | None) -> UUID:
    """Replace epoch `after` and return the current one.

    Every process that notices the same reason calls this with the epoch that it knows: the first
    call wins, the others return what it began. All presented cursors are refused from then on.
    """
    if after is None and not Epoch.objects.exists():
        return Epoch.objects.create().id
    if after is not None:
        Epoch.objects.filter(id=after).update(id=uuid4(), began_at=Now())
    return Epoch.objects.order_by("-began_at").values_list("id", flat=True)[0]
