"""Addresses with which nobody registers: those of suspended people whose accounts were deleted, so
that a deletion is no way around a suspension. Decision 0069."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac

from apps.accounts.models import BarredEmail

SALT = "apps.accounts.barred_emails"


def bar(emails: Iterable[str], *, until: datetime | None) -> None:
    """Bar these addresses until then; None: without an end. One that is barred for longer already,
    because of another account, stays so."""
    digests = sorted(map(_digest, emails))
    BarredEmail.objects.bulk_create(
        [BarredEmail(digest=digest, until=until) for digest in digests], ignore_conflicts=True
    )
    barred = BarredEmail.objects.filter(digest__in=digests)
    shorter = barred.exclude(until=None) if until is None else barred.filter(until__lt=until)
    shorter.update(until=until)


def is_barred(email: str) -> bool:
    """Whether nobody may register with the address now."""
    lasting = Q(until=None) | Q(until__gt=Now())
    return BarredEmail.objects.filter(lasting, digest=_digest(email)).exists()


def delete_expired() -> None:
    """Forget the addresses with which people may register again."""
    BarredEmail.objects.filter(until__lte=Now()).delete()


def _digest(email: str) -> str:
    # Keyed: addresses can be guessed, one after the other.
    return salted_hmac(SALT, email.strip().lower(), algorithm="sha256").hexdigest()
