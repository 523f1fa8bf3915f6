"""Sign-out goes on at the identity provider; accounts from there get no password here."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse

from apps.accounts.adapter import Adapter
from apps.accounts.models import User
from apps.accounts.sessions import ORIGIN
from apps.sso.errors import ProviderUnavailable
from apps.sso.gateways import provider
from apps.sso.models import ProviderSession
from apps.sso.queries.identities import signs_in_elsewhere
from apps.sso.sealing import unseal

MAX_HINT_LENGTH = 2000


class SsoAdapter(Adapter):
    """Adds single sign-on to the decisions about accounts."""

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """Where a sign-out goes: for a session that came from the provider, to the provider,
        which ends its own session and sends the browser to our sign-in page.

        Called just before the sign-out, which deletes the row. An unavailable provider does not
        prevent it.
        """
        origin = request.session.get(ORIGIN)
        here: str = super().get_logout_redirect_url(request)
        if not origin or not settings.OIDC_ISSUER:
            return here
        row = ProviderSession.objects.filter(id=UUID(origin)).first()
        if row is None:
            return here
        try:
            logout = provider.discovery().logout
        except ProviderUnavailable:
            logout = ""
        return f"{logout}?{_logout_query(row)}" if logout else here

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """Send the link, except to people whose password is at the provider. The page looks the
        same."""
        if not signs_in_elsewhere(user):
            super().send_password_reset_mail(user, email, context)

    def set_password(self, user: User, password: str) -> None:
        """Raises PermissionDenied for people whose password is at the provider: a reset link may
        be older than their identity."""
        if signs_in_elsewhere(user):
            raise PermissionDenied(f"the password of {user.pk} is at the provider")
        super().set_password(user, password)


def _logout_query(row: ProviderSession) -> str:
    """OpenID Connect RP-Initiated Logout 1.0, section 2."""
    query = {
        "client_id": settings.OIDC_CLIENT_ID,
        "post_logout_redirect_uri": settings.PUBLIC_URL + reverse("account_login"),
    }
    hint = unseal(row.id_token)
    # Servers and proxies refuse long addresses. Without the hint, the provider asks the person.
    if hint and len(hint) <= MAX_HINT_LENGTH:
        query["id_token_hint"] = hint
    return urlencode(query)
