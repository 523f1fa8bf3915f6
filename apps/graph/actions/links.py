"""Begins and ends the sharing of a person's Teams presence."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext_noop

from apps.accounts.access_handlers import Ended, Scope
from apps.accounts.actions import streams
from apps.accounts.erasure_handlers import Erased
from apps.accounts.models import User
from apps.contacts.actions import profile
from apps.core.errors import Invalid, NotFound
from apps.core.limits import PROFILE, limited
from apps.graph.actions.service import is_on
from apps.graph.models import Link
from apps.graph.statuses import NOTHING, SOURCE


@limited(PROFILE)
def connect(user_id: UUID, /) -> None:
    """Share the person's Teams presence from now on. A worker looks them up by their e-mail
    address, which they have proven: nobody can share the presence of somebody else.

    Again: look up again. Raises NotFound where this server is not set up for it, or for a program,
    and Invalid without a proven address.
    """
    with transaction.atomic():
        streams.lock([user_id])
        user = User.objects.filter(id=user_id, is_active=True, is_bot=False).first()
        if user is None or not is_on():
            raise NotFound
        own = EmailAddress.objects.filter(user=user, email__iexact=user.email or "", verified=True)
        if not user.email or not own.exists():
            reason = gettext_noop("Confirm your e-mail address first.")
            raise Invalid(reason, reason=reason)
        # The link to the wrong person, or to none, is made again.
        Link.objects.filter(user=user).exclude(email=user.email, problem="").delete()
        Link.objects.get_or_create(user=user, defaults={"email": user.email})


@limited(PROFILE)
def disconnect(user_id: UUID, /) -> None:
    """Stop sharing: the link and the status that came from it go at once. Idempotent."""
    end(user_id)


def end(user_id: UUID) -> None:
    """As `disconnect`, for what ends it without the person."""

    def decide() -> Mapping[str, Any] | None:
        Link.objects.filter(user_id=user_id).delete()
        synced = User.objects.filter(id=user_id, synced_from=SOURCE)
        return NOTHING if synced.exists() else None

    profile.sync_status(user_id, decide)


def end_of_scope(scope: Scope) -> Ended:
    """End the sharing of a closed account. Its status ends by itself, within half an hour."""
    if not scope.account or scope.for_a_time:
        return Ended()
    count = Link.objects.filter(user_id=scope.user_id).delete()[0]
    return Ended({"shared presences": count} if count else {})


def erase(user_id: UUID) -> Erased:
    """The link. The profile of the account is erased with it."""
    return {"shared presences": Link.objects.filter(user_id=user_id).delete()[0]}
