"""Invitations to register, of administrators and for the first administrator. The secret has more
than 128 bits; only its hash is stored."""

import hashlib
import logging
import secrets
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from apps.accounts import mails
from apps.accounts.models import RegistrationInvite, User
from apps.accounts.staff_record import record_deed
from apps.core.errors import Invalid, NotPossible
from apps.core.runtime import runtime

logger = logging.getLogger(__name__)
SECRET_BYTES = 20
DEFAULT_DAYS = 7
MAX_DAYS = 365
ADMINISTRATOR_TTL = timedelta(days=1)
# Two servers that start at once would each leave a link, and so make two administrators. It is the
# first lock of its transactions; the number is that of no other advisory lock.
LOCK = "SELECT pg_advisory_xact_lock(7202)"


class CreatedInvite(NamedTuple):
    """A new invitation and its link. The secret in the link is not stored."""

    invite: RegistrationInvite
    link: str


def create(*, days: int = DEFAULT_DAYS, by: UUID | None = None, email: str = "") -> CreatedInvite:
    """Create an invitation for one person, and mail it to `email`, which is not stored.

    `by`: the person who invites; None for the operator. Raises Invalid, and NotPossible where
    nobody can register.
    """
    if not 1 <= days <= MAX_DAYS:
        words = gettext("An invitation lasts 1 to {n} days.").format(n=MAX_DAYS)
        raise Invalid(words, pointer="#/days")
    if runtime.REGISTRATION == "off" or not settings.LOCAL_ACCOUNTS:
        raise NotPossible(
            gettext_noop("Nobody can register on this server (REGISTRATION, LOCAL_ACCOUNTS).")
        )
    if email:
        _check_address(email)
    with transaction.atomic():
        created = _create(timedelta(days=days), by=by)
        record_deed("invite", by=by, invitation=str(created.invite.id), days=days)
    logger.info("%s made invitation %s to register", by or "the operator", created.invite.id)
    if email:
        context = {"link": created.link, "until": created.invite.expires_at}
        mails.send_to(email, settings.LANGUAGE_CODE, "accounts/email/invited", context)
    return created


@transaction.atomic
def renew_first_administrators() -> CreatedInvite | None:
    """Replace the invitation for the first administrator by a new one.

    While the server has an administrator, or no accounts with a password, there is none: returns
    None.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
    RegistrationInvite.objects.filter(administrator=True, used_at=None).delete()
    if not settings.LOCAL_ACCOUNTS or has_administrator():
        return None
    return _create(ADMINISTRATOR_TTL, administrator=True)


def has_administrator() -> bool:
    """Whether an open account has every permission."""
    return User.objects.filter(is_superuser=True, is_active=True).exists()


def usable() -> "QuerySet[RegistrationInvite]":
    """Invitations that are neither used nor expired, of people whose accounts are open."""
    closed = User.objects.filter(id=OuterRef("made_by"), is_active=False)
    unused = RegistrationInvite.objects.filter(used_at=None, expires_at__gt=timezone.now())
    return unused.filter(~Exists(closed))


def find(secret: str, *, lock: bool = False) -> RegistrationInvite | None:
    """The usable invitation with this secret. With `lock` no other request uses it until
    the end of the transaction."""
    rows = usable().filter(secret_hash=_hash(secret))
    invite = (rows.select_for_update() if lock else rows).first()
    if invite and invite.administrator and has_administrator():
        return None
    return invite


def mark_used(invite: RegistrationInvite, user: User) -> None:
    """Note whose account an invitation made. It must be locked."""
    RegistrationInvite.objects.filter(id=invite.id).update(used_by=user, used_at=timezone.now())
    logger.info("%s registered with invitation %s", user.id, invite.id)


@transaction.atomic
def revoke(invite_id: UUID, *, by: UUID | None = None) -> bool:
    """Delete an invitation that was not used. Returns whether there was one. `by`: the member of
    staff who revokes it; None for the operator."""
    row = RegistrationInvite.objects.filter(id=invite_id, used_at=None)
    if not row.delete()[0]:
        return False
    record_deed("revoke_invite", by=by, invitation=str(invite_id))
    return True


def delete_expired() -> None:
    """Delete invitations that expired unused."""
    expired = RegistrationInvite.objects.filter(used_at=None, expires_at__lte=timezone.now())
    expired.delete()


def _check_address(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError as error:
        raise Invalid("Enter a valid e-mail address.", pointer="#/email") from error


def _create(
    lifetime: timedelta, *, by: UUID | None = None, administrator: bool = False
) -> CreatedInvite:
    secret = secrets.token_urlsafe(SECRET_BYTES)
    now = timezone.now()
    invite = RegistrationInvite.objects.create(
        secret_hash=_hash(secret),
        administrator=administrator,
        made_by_id=by,
        made_at=now,
        expires_at=now + lifetime,
    )
    query = urlencode({"invite": secret})
    return CreatedInvite(invite, f"{settings.PUBLIC_URL}{reverse('account_signup')}?{query}")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
