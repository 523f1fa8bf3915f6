"""Warnings: a moderator writes one, the person acknowledges it, once for all devices."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.actions import profile, streams
from apps.accounts.models import PersonWarning
from apps.accounts.queries import profiles
from apps.core.errors import NotFound
from apps.core.limits import WARNINGS, limited


@transaction.atomic
def give(
    user_id: UUID,
    *,
    text: str,
    chat: UUID | None = None,
    seq: int | None = None,
    report: UUID | None = None,
    by: UUID | None = None,
) -> PersonWarning:
    """Write a warning to a person. Their devices show it until it is acknowledged, on one of
    them."""
    streams.lock([user_id])
    row = PersonWarning.objects.create(
        user_id=user_id, text=text, chat=chat, seq=seq, report=report, by_id=by, at=timezone.now()
    )
    profile.moderated(user_id, has_warning=True)
    return row


@limited(WARNINGS)
@transaction.atomic
def acknowledge(user_id: UUID, warning_id: UUID) -> None:
    """The person has read the warning. Idempotent. Raises NotFound for another person's."""
    streams.lock([user_id])
    profiles.get_active_user(user_id)
    own = PersonWarning.objects.filter(user_id=user_id)
    if not own.filter(id=warning_id).exists():
        raise NotFound
    unread = own.filter(acknowledged_at=None)
    if unread.filter(id=warning_id).update(acknowledged_at=timezone.now()):
        profile.moderated(user_id, has_warning=unread.exists())
