"""Accounts of people who sign in elsewhere: created and kept up to date from what is said there.

Callers have verified the statements. They also keep the link between the account and the person
there: nothing here looks an account in use up by a name or an e-mail address.
"""

import logging
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from apps.accounts.actions import claiming, profile
from apps.accounts.former_usernames import refuse_former
from apps.accounts.models import User
from apps.accounts.staff_record import record_following
from apps.accounts.usernames import candidates
from apps.core.clean_text import clean_line
from apps.core.errors import NotPossible
from apps.core.graphemes import cut

logger = logging.getLogger(__name__)
MAX_ATTEMPTS = 12


@transaction.atomic
def register(
    username: str,
    *,
    name: str = "",
    email: str = "",
    locale: str = settings.LANGUAGE_CODE,
    subject: tuple[str, str] | None = None,
) -> User:
    """Create an account without a password, with the closest username that is free; or take over
    the placeholder with the identity `subject` (issuer, subject) or the address, which keeps its
    username.

    `email` must have been confirmed by its owner. It is left out when another account has it, so
    that nobody gains or loses an account in use by an e-mail address. Raises NotPossible.
    """
    name = clean_name(name)
    claimed = claiming.take(email=email, subject=subject)
    if claimed is not None:
        claimed.name, claimed.locale = name or claimed.name, locale
        claimed.save()
        _give_email(claimed, email.strip().lower())
        claiming.finish(claimed)
        return claimed
    for candidate, _ in zip(candidates(username), range(MAX_ATTEMPTS), strict=False):
        user = User(**profile.clean({"username": candidate, "name": name, "locale": locale}))
        user.set_unusable_password()
        try:
            with transaction.atomic():
                user.save(force_insert=True)
                refuse_former(user.username)
        except IntegrityError:
            continue
        _give_email(user, email.strip().lower())
        return user
    raise NotPossible


def clean_name(name: str) -> str:
    """A name from elsewhere as a profile stores it; empty when it has characters that cannot."""
    try:
        return clean_line(cut(name, profile.MAX_LENGTHS["name"]))
    except ValueError:
        return ""


def _give_email(user: User, email: str) -> None:
    try:
        validate_email(email)
    except ValidationError:
        return
    if EmailAddress.objects.filter(email__iexact=email, verified=True).exists():
        return
    try:
        with transaction.atomic():
            User.objects.filter(id=user.id).update(email=email)
            EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    except IntegrityError:  # another account took it since
        return
    user.email = email


@transaction.atomic
def set_roles(user_id: UUID, *, staff: bool | None, groups: dict[str, bool]) -> None:
    """Make the person staff (or not; None: as it is), and a member of these groups (or not).

    A superuser stays staff: that right was given here, and is the way back into the admin.
    """
    roles: dict[str, bool] = {}
    if staff is not None:
        people = User.objects.filter(id=user_id).exclude(is_staff=staff)
        if not staff:
            people = people.exclude(is_superuser=True)
        if people.update(is_staff=staff):
            roles["is_staff"] = staff
            logger.info("%s %s staff", user_id, "is now" if staff else "is no longer")
    memberships = User.groups.through.objects
    for name, wanted in groups.items():
        group, _ = Group.objects.get_or_create(name=name)
        if wanted:
            _, changed = memberships.get_or_create(user_id=user_id, group=group)
        else:
            changed = bool(memberships.filter(user_id=user_id, group=group).delete()[0])
        if changed:
            roles[name] = wanted
            logger.info(
                "%s %s in the group %s", user_id, "is now" if wanted else "is no longer", name
            )
    if roles:
        record_following("follow_roles", person=user_id, roles=roles)
