"""What accounts have identities at the provider."""

from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser

from apps.accounts.models import User
from apps.sso.models import Identity


def signs_in_elsewhere(user: User | AnonymousUser) -> bool:
    """Whether the account can sign in with the provider, and has no password here.

    Such an account gets none: a password would still work after the provider disabled the person.
    """
    if not isinstance(user, User) or user.has_usable_password():
        return False
    return Identity.objects.filter(user_id=user.pk).exists()


class LinkedIdentity(NamedTuple):
    """An identity as its owner sees it. `name`: of the provider."""

    id: int
    name: str
    since: datetime


def linked_identities(user_id: UUID) -> list[LinkedIdentity]:
    """The identities that sign in to the account."""
    found = Identity.objects.filter(user_id=user_id).order_by("id")
    return [LinkedIdentity(each.pk, name_of(each.issuer), each.created_at) for each in found]


def name_of(issuer: str) -> str:
    """The name of a provider: of a former one, its host."""
    if issuer == settings.OIDC_ISSUER:
        return str(settings.OIDC_NAME)
    return urlsplit(issuer).hostname or issuer


def can_sign_in_here(user: User) -> bool:
    """Whether the person can sign in without any identity: with a password."""
    return bool(settings.LOCAL_ACCOUNTS and user.has_usable_password())
