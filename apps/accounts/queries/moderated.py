"""What a person sees of the warnings they got, and of how often they may write."""

from uuid import UUID

from django.utils import timezone

from apps.accounts.models import PersonWarning, Slowdown, User
from apps.wire import bodies

MAX_SHOWN = 20


def warnings_of(
    user_id: UUID, *, before: UUID | None = None, limit: int
) -> list[bodies.PersonWarning]:
    """Up to `limit` warnings of the person, the newest first."""
    rows = PersonWarning.objects.filter(user_id=user_id)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [body(row) for row in rows.order_by("-id")[:limit]]


def unacknowledged(user: User) -> list[bodies.PersonWarning]:
    """The oldest warnings that the person has not acknowledged, at most MAX_SHOWN."""
    if not user.has_warning:
        return []
    rows = PersonWarning.objects.filter(user_id=user.id, acknowledged_at=None)
    return [body(row) for row in rows.order_by("id")[:MAX_SHOWN]]


def slowdown(user: User) -> bodies.Slowdown | None:
    """The person's slowdown; None without one or when it is over."""
    if user.slowed_until is None or user.slowed_until <= timezone.now():
        return None
    row = Slowdown.objects.filter(user_id=user.id).first()
    if row is None:
        return None
    return bodies.Slowdown(interval_s=row.interval_s, until=row.until, reason=row.reason)


def body(row: PersonWarning) -> bodies.PersonWarning:
    """A warning as its person, and moderators, see it."""
    return bodies.PersonWarning(
        id=row.id,
        text=row.text,
        chat=row.chat,
        seq=row.seq,
        at=row.at,
        acknowledged_at=row.acknowledged_at,
    )
