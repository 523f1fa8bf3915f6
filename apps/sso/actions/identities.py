"""Signs people in by their identity at the provider, and links an identity to an account."""

import logging
from functools import partial
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from apps.accounts import barred_emails
from apps.accounts.actions import external, streams
from apps.accounts.actions.access import Way
from apps.accounts.models import User
from apps.accounts.profile_updates import update_profile
from apps.core.errors import NotFound, NotPossible, Refused
from apps.core.limits import IDENTITY_CHANGES, limited
from apps.core.runtime import runtime
from apps.sso.actions import pictures, provider_sessions
from apps.sso.claims import Person
from apps.sso.errors import AccountClosed, Reason, SignInFailed
from apps.sso.models import Identity, ProviderSession
from apps.sso.queries.identities import can_sign_in_here, name_of

logger = logging.getLogger(__name__)
MODERATORS = "moderators"
MAX_ATTEMPTS = 3


def sign_in(person: Person, *, locale: str) -> Identity:
    """The person's identity with its account, which is created at the first sign-in.

    Only (issuer, subject) finds an account in use; a matching e-mail or username never does. The
    account of an imported person, which nobody uses, is claimed by either. Raises SignInFailed when
    the account is closed.
    """
    identity = find(person) or _create(person, locale)
    if not identity.user.is_active:
        raise AccountClosed(identity.user_id)
    _set_roles(identity.user_id, person)
    if runtime.OIDC_PROFILE_FOLLOWS:
        _follow_profile(identity.user, person)
    # Without the claim the picture stays: an app that did not ask for it must not take it away.
    if person.picture and runtime.OIDC_PICTURE_FOLLOWS != pictures.NEVER:
        pictures.ask(identity, person.picture)
    return identity


def link(user_id: UUID, person: Person) -> Identity:
    """Let the signed-in owner of an account sign in with this identity from now on.

    Does nothing when it is linked to that account already, else tells the owner by mail. Raises
    SignInFailed when it belongs to another account, or the account has another identity.
    """
    try:
        with transaction.atomic():
            identity, created = Identity.objects.get_or_create(
                issuer=person.issuer, subject=person.subject, defaults={"user_id": user_id}
            )
    except IntegrityError as error:
        raise SignInFailed(Reason.LINKED) from error
    if identity.user_id != user_id:
        raise SignInFailed(Reason.TAKEN)
    if created:
        logger.info("Account %s is linked to %s", user_id, identity)
        get_adapter().send_notification_mail(
            "sso/email/linked", identity.user, {"provider": settings.OIDC_NAME}
        )
    return identity


@limited(IDENTITY_CHANGES)
@transaction.atomic
def unlink(user_id: UUID, identity_id: int) -> None:
    """Unlink an identity from the person's account, end the sessions that it began, and tell the
    owner by mail. Linking it again is possible.

    Raises NotFound for an identity of somebody else, and NotPossible when it is the account's only
    way to sign in.
    """
    # A password is changed under the same lock.
    streams.lock([user_id])
    user = User.objects.filter(id=user_id, is_active=True).first()
    identity = Identity.objects.filter(id=identity_id, user_id=user_id).first()
    if user is None or identity is None:
        raise NotFound
    if not can_sign_in_here(user):
        raise NotPossible(gettext("This is your only way to sign in, so it stays linked."))
    provider_sessions.end(ProviderSession.objects.filter(identity=identity), way=Way.UNLINKED)
    identity.delete()
    logger.info("Account %s is no longer linked to %s", user_id, identity)
    transaction.on_commit(
        partial(
            get_adapter().send_notification_mail,
            "sso/email/unlinked",
            user,
            {"provider": name_of(identity.issuer)},
        )
    )


def of_account(user_id: UUID, person: Person) -> Identity:
    """The person's identity, which must be that account's. Raises SignInFailed."""
    identity = find(person)
    if identity is None or identity.user_id != user_id:
        raise SignInFailed(Reason.OTHER)
    return identity


def find(person: Person) -> Identity | None:
    """The stored identity, with its user."""
    found = Identity.objects.select_related("user")
    return found.filter(issuer=person.issuer, subject=person.subject).first()


def _create(person: Person, locale: str) -> Identity:
    if person.email and barred_emails.is_barred(person.email):
        raise SignInFailed(Reason.CLOSED, "the address of a suspended person's deleted account")
    for _ in range(MAX_ATTEMPTS):
        try:
            with transaction.atomic():
                user = external.register(
                    person.username,
                    name=person.name,
                    email=person.email,
                    locale=locale,
                    subject=(person.issuer, person.subject),
                )
                return Identity.objects.create(
                    user=user, issuer=person.issuer, subject=person.subject
                )
        except IntegrityError:
            # Two first sign-ins at once: the other one has created it, and this account is gone.
            identity = find(person)
        if identity is not None:
            return identity
        # The other one was unlinked again since.
    raise SignInFailed(Reason.EXPIRED, "the identity is being changed by others")


def _set_roles(user_id: UUID, person: Person) -> None:
    """Nothing is changed for a role that is not configured, or without a claim: a mapper that an
    administrator of the provider removed must not take everybody's roles."""
    if person.roles is None:
        return
    staff, moderator = settings.OIDC_STAFF_ROLE, settings.OIDC_MODERATOR_ROLE
    external.set_roles(
        user_id,
        staff=staff in person.roles if staff else None,
        groups={MODERATORS: moderator in person.roles} if moderator else {},
    )


def _follow_profile(user: User, person: Person) -> None:
    name = external.clean_name(person.name)
    if name and name != user.name:
        try:
            update_profile(user.id, name=name)
        except Refused as error:
            # A name that cannot be stored must not keep a person from signing in.
            logger.warning("The name of %s does not follow: %s", user.id, error)
