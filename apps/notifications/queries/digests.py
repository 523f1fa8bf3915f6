"""A person's digest: what they chose, and where its links lead."""

from typing import Literal
from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.queries.profiles import get_active_user
from apps.core.errors import NotFound
from apps.core.mail import sends_mail
from apps.core.runtime import runtime
from apps.notifications.digest_times import Frequency, Schedule, next_time
from apps.notifications.models import Digest, Preferences
from apps.wire import bodies

# No time in it: the link in an old digest still ends the digests.
_signer = Signer(sep=".", salt="notifications.digest")


def of_person(user_id: UUID) -> bodies.Digest:
    """The person's choice, or the server's default. Raises NotFound for a closed account."""
    return body(stored(user_id), get_active_user(user_id))


def stored(user_id: UUID) -> Digest:
    """The person's row, or an unsaved one with the defaults."""
    return Digest.objects.filter(user_id=user_id).first() or Digest(user_id=user_id)


def body(row: Digest, person: User) -> bodies.Digest:
    """The digest as its owner sees it."""
    schedule, next_at = schedule_of(row, person), row.next_at
    if row.trial:  # due now; the schedule goes on after it
        gets_mail = person.is_active and not _problem(row, person)
        next_at = next_time(schedule, timezone.now()) if gets_mail else None
    return bodies.Digest(
        frequency=schedule.frequency.value,
        by_default=not row.frequency,
        day=schedule.day,
        at=schedule.at.strftime("%H:%M"),
        texts=wants_texts(row),
        may_quote=runtime.DIGEST_TEXTS,
        zone=schedule.zone,
        email=person.email or "",
        problem=_problem(row, person),
        next_at=next_at,
        sent_at=row.sent_at,
    )


def schedule_of(row: Digest, person: User) -> Schedule:
    """The schedule that counts for the person now."""
    frequency = Frequency(row.frequency or runtime.DIGEST)
    return Schedule(frequency, row.day, row.at, person.time_zone)


def wants_texts(row: Digest) -> bool:
    """Whether the person wants texts in their digest; without a choice, as in pushes."""
    if row.texts is not None:
        return row.texts
    chosen = Preferences.objects.filter(user_id=row.user_id).values_list("content", flat=True)
    return chosen.first() is not False


def unsubscribe_url(user_id: UUID) -> str:
    """The address that ends the digests of a person, for the mail itself (RFC 8058)."""
    return f"{settings.PUBLIC_URL}{reverse('digest-off', args=[_signer.sign(user_id.hex)])}"


def owner_of(token: str) -> User:
    """Whose digest the end of such an address is about. Raises NotFound for one that is not ours,
    and for a closed account."""
    try:
        user_id = UUID(_signer.unsign(token))
    except (BadSignature, ValueError):
        raise NotFound from None
    return get_active_user(user_id)


def _problem(row: Digest, person: User) -> Literal["", "no_mail", "no_address", "refused"]:
    if not sends_mail():
        return "no_mail"
    if not person.email:
        return "no_address"
    return "refused" if row.refused == person.email else ""
