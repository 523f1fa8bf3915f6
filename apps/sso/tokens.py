"""Verifies the tokens that the identity provider signs.

OpenID Connect Core 1.0, section 3.1.3.7; OpenID Connect Back-Channel Logout 1.0, section 2.6;
access tokens of apps: RFC 9068, section 4.
"""

import time
from collections.abc import Collection
from typing import Any

import jwt
from django.conf import settings
from django.utils.crypto import constant_time_compare

from apps.sso.errors import InvalidToken
from apps.sso.gateways import provider

# Fixed: a token must not choose how it is checked (`none`, or HS256 with the public key).
ALGORITHM = "RS256"
LEEWAY_S = 30
# An app exchanges an access token when it has just got it.
MAX_ACCESS_TOKEN_AGE_S = 300
MAX_TOKEN_LENGTH = 50_000
MAX_SHOWN_LENGTH = 50
MAX_ID_LENGTH = 255
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


def verify_id_token(token: str, *, nonce: str | None) -> dict[str, Any]:
    """The claims of an ID token for us with that nonce.

    Raises InvalidToken, or ProviderUnavailable when the keys cannot be fetched.
    """
    claims = _verified(token, required=["sub"])
    # Keycloak names the use of each token; refuse any other use than ID, however signed.
    if claims.get("typ", "ID") != "ID":
        raise InvalidToken(f"the token is of type {_shown(claims['typ'])}")
    authorized = claims.get("azp")
    if authorized not in (None, settings.OIDC_CLIENT_ID):
        raise InvalidToken(f"the token was made for {_shown(authorized)}")
    if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and authorized is None:
        raise InvalidToken("the token has several audiences and no azp")
    if nonce is not None and not constant_time_compare(str(claims.get("nonce", "")), nonce):
        raise InvalidToken("the token has another nonce")
    return claims


def verify_logout_token(token: str) -> dict[str, Any]:
    """The claims of a logout token for us or for one of our apps; `sub` or `sid` is among them.
    Raises as above."""
    audiences = [settings.OIDC_CLIENT_ID, *settings.OIDC_APP_CLIENTS]
    claims = _verified(token, required=["jti", "events"], audiences=audiences)
    events = claims["events"]
    if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
        raise InvalidToken("the token is not of a logout")
    # An ID token has a nonce: it must not pass for a logout token.
    if "nonce" in claims:
        raise InvalidToken("a logout token has no nonce")
    if not (claims.get("sub") or claims.get("sid")):
        raise InvalidToken("the token names neither a session nor a person")
    return claims


def verify_access_token(token: str) -> dict[str, Any]:
    """The claims of an access token that an app got just now, for itself and for us.

    `aud` names us: Keycloak puts us there only when the administrator has added a mapper to the
    app's client. `azp` is one of OIDC_APP_CLIENTS: other clients may get tokens for us, too, to
    call us for somebody. Raises as above.
    """
    claims = _verified(token, required=["sub", "sid", "jti", "azp", "typ"])
    # Keycloak signs ID and logout tokens with the same key.
    if claims["typ"] != "Bearer":
        raise InvalidToken(f"the token is of type {_shown(claims['typ'])}")
    if claims["azp"] not in settings.OIDC_APP_CLIENTS:
        raise InvalidToken(f"the token was made for {_shown(claims['azp'])}")
    if "cnf" in claims:
        raise InvalidToken("the token is bound to a key of the app (RFC 7800)")
    if time.time() - int(claims["iat"]) > MAX_ACCESS_TOKEN_AGE_S + LEEWAY_S:
        raise InvalidToken("the token is too old to be exchanged")
    for name in ("sub", "sid", "jti"):
        if not isinstance(claims[name], str) or not 0 < len(claims[name]) <= MAX_ID_LENGTH:
            raise InvalidToken(f"{name} is {_shown(claims[name])}")
    return claims


def _shown(value: object) -> str:
    """A value from a token, short enough for the log."""
    return repr(value)[:MAX_SHOWN_LENGTH]


def _verified(
    token: str, *, required: list[str], audiences: Collection[str] = ()
) -> dict[str, Any]:
    if not isinstance(token, str) or len(token) > MAX_TOKEN_LENGTH:
        raise InvalidToken("not a token")
    try:
        header = jwt.get_unverified_header(token)
        if header.get("alg") != ALGORITHM:
            raise InvalidToken(f"the token is signed with {_shown(header.get('alg'))}")
        jwk = provider.key(str(header.get("kid", "")))
        if jwk is None:
            raise InvalidToken("the token is signed with an unknown key")
        return jwt.decode(
            token,
            jwt.PyJWK(jwk, algorithm=ALGORITHM),
            algorithms=[ALGORITHM],
            audience=audiences or settings.OIDC_CLIENT_ID,
            issuer=settings.OIDC_ISSUER,
            leeway=LEEWAY_S,
            options={"require": ["iss", "aud", "exp", "iat", *required]},
        )
    except jwt.PyJWTError as error:
        raise InvalidToken(str(error)[:200]) from error
