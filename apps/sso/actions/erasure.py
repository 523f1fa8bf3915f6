"""Erases the identities of a person whose account is deleted."""

from uuid import UUID

from apps.accounts.actions import streams
from apps.accounts.actions.access import Way
from apps.accounts.erasure_handlers import Erased
from apps.accounts.models import Deletion, User
from apps.sso.actions import provider_sessions
from apps.sso.models import Identity, ProviderPicture, ProviderSession


def erase(user_id: UUID) -> Erased:
    """The identities, so that their next sign-in creates a new account.

    They stay when the account was closed before it was deleted, or when the deletion says so: they
    are never accepted again.
    """
    streams.lock([user_id])
    # Of a sign-in that was under way while the account was closed.
    tokens = provider_sessions.delete(ProviderSession.objects.filter(identity__user_id=user_id))
    ProviderPicture.objects.filter(identity__user_id=user_id).delete()
    count = 0
    refused = Deletion.objects.filter(user_id=user_id, refuse_identities=True).exists()
    if not refused and User.objects.filter(id=user_id, closed_way=Way.DELETION).exists():
        count = Identity.objects.filter(user_id=user_id).delete()[1].get("sso.Identity", 0)
    return {"identities": count, "provider tokens": tokens}
