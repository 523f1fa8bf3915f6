"""mozilla-django-oidc's backend with every check of OpenID Connect Core, and our accounts.

The library checks neither issuer nor audience, joins accounts by e-mail, and has no timeouts.
"""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from apps.accounts.models import User
from apps.sso.actions import identities
from apps.sso.claims import person
from apps.sso.errors import InvalidToken
from apps.sso.gateways import provider
from apps.sso.models import Identity
from apps.sso.tokens import verify_id_token

LIBRARY_SETTINGS = {
    "OIDC_RP_SCOPES": "openid profile email",
    "OIDC_USE_NONCE": True,
    "OIDC_USE_PKCE": True,
    "OIDC_PKCE_CODE_CHALLENGE_METHOD": "S256",
    "OIDC_AUTHENTICATION_CALLBACK_URL": "sso-callback",
    "OIDC_STATE_SIZE": 43,
    "OIDC_NONCE_SIZE": 43,
    "OIDC_AUTH_REQUEST_EXTRA_PARAMS": {},
}


def library_setting(name: str, *default: Any) -> Any:
    """A setting of mozilla-django-oidc. Fixed: no environment can switch off the nonce or PKCE."""
    return LIBRARY_SETTINGS.get(name, *default)


class SsoBackend(OIDCAuthenticationBackend):  # type: ignore[misc]  # the library has no types
    """Signs a person in by a code; with `link_to`, links the identity to that account instead; with
    `proof_of`, accepts no identity but that account's.

    After `authenticate`, `identity`, `tokens` and `id_claims` describe the sign-in.
    """

    identity: Identity
    tokens: Mapping[str, Any]
    id_claims: Mapping[str, Any]
    get_settings = staticmethod(library_setting)

    def __init__(self, *, link_to: UUID | None = None, proof_of: UUID | None = None) -> None:
        # Not the library's: it reads the addresses of the provider, and Django makes a backend
        # for each request of each signed-in person.
        self.link_to, self.proof_of = link_to, proof_of
        self.OIDC_RP_CLIENT_ID = settings.OIDC_CLIENT_ID
        self.OIDC_RP_CLIENT_SECRET = settings.OIDC_CLIENT_SECRET

    def authenticate(self, request: HttpRequest | None, **given: Any) -> User | None:
        """The person behind the code of a callback. None without a nonce: a sign-in with a
        password is the other backend's. Raises SignInFailed."""
        if not given.get("nonce") or not given.get("code_verifier"):
            return None
        return cast(User | None, super().authenticate(request, **given))

    async def aauthenticate(self, request: HttpRequest | None, **given: Any) -> None:
        """None: only the callback signs people in. Django's own would call `authenticate`."""

    def get_token(self, payload: dict[str, str]) -> Mapping[str, Any]:
        """Exchange the code for tokens."""
        self.tokens = provider.exchange(payload | {"redirect_uri": callback_url()})
        return self.tokens

    def verify_token(self, token: str, **given: Any) -> Mapping[str, Any]:
        """The claims of the ID token, all checked."""
        self.id_claims = verify_id_token(token, nonce=given["nonce"])
        return self.id_claims

    def store_tokens(self, access_token: str, id_token: str) -> None:
        """Do nothing: tokens are stored encrypted, not in the web session."""

    def get_or_create_user(
        self, access_token: str, id_token: str, payload: Mapping[str, Any]
    ) -> User:
        """The account of the identity. Raises SignInFailed."""
        about = provider.userinfo(access_token)
        # OpenID Connect Core 1.0, section 5.3.2: another `sub` is another person's userinfo.
        if not constant_time_compare(str(about.get("sub", "")), str(payload["sub"])):
            raise InvalidToken("userinfo is of another person")
        # The signed token wins where both say something.
        found = person({**about, **payload})
        if self.link_to is not None:
            self.identity = identities.link(self.link_to, found)
        elif self.proof_of is not None:
            self.identity = identities.of_account(self.proof_of, found)
        else:
            self.identity = identities.sign_in(found, locale=get_language() or "en")
        return self.identity.user

    def get_user(self, user_id: Any) -> User | None:
        """The person of a session, unless their account is closed."""
        return ModelBackend.get_user(self, user_id)


def callback_url() -> str:
    """The address to which the provider sends people back. From the settings, not from the
    request: its host is the client's to choose."""
    return f"{settings.PUBLIC_URL}/accounts/sso/callback"
