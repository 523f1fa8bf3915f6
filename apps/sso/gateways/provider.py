"""Requests to the identity provider. Each has a timeout and a limit of size, and only a few are
sent at once: a slow provider must take neither our threads nor our database connections."""

import json
import logging
import time
from collections.abc import Mapping
from threading import BoundedSemaphore
from typing import Any, NamedTuple

import httpx
from django.conf import settings
from django.db import connection

from apps.core.outage_log import OutageLog
from apps.core.trusted_authorities import trusted_authorities
from apps.sso.errors import InvalidToken, ProviderUnavailable, Reason, SignInFailed
from apps.sso.gateways.cached import Cached

logger = logging.getLogger(__name__)
outages = OutageLog(logger, "The identity provider", of="provider")
DISCOVERY_TTL_S = 3600.0
KEYS_TTL_S = 3600.0
# A forged token with an unknown key id must not make us ask for the keys again and again.
MIN_KEYS_INTERVAL_S = 30.0
# Of this process. Others wait a moment, as in a rush of sign-ins in the morning, then fail.
MAX_REQUESTS = 8
SLOT_TIMEOUT_S = 0.5
_slots = BoundedSemaphore(MAX_REQUESTS)
MAX_BYTES = 1_000_000
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")


# What Keycloak says of a refresh token whose person was disabled, or deleted.
NO_SUCH_PERSON = frozenset({"User disabled", "Unknown user"})


class Ended(Exception):
    """The provider says that the session is over, or that the person may not sign in."""

    @property
    def is_of_person(self) -> bool:
        """Whether the person is gone there, and not this one session alone."""
        return str(self) in NO_SUCH_PERSON


class Discovery(NamedTuple):
    """The addresses from `/.well-known/openid-configuration`; `logout` and `introspection` may be
    empty."""

    authorization: str
    token: str
    userinfo: str
    keys: str
    logout: str
    introspection: str


Keys = dict[str, dict[str, Any]]


class _Issuer:
    """What this process knows of one issuer."""

    def __init__(self) -> None:
        self.discovery = Cached(_discover)
        self.keys = Cached(_fetch_keys)


_issuers: dict[str, _Issuer] = {}


def _issuer() -> _Issuer:
    return _issuers.setdefault(settings.OIDC_ISSUER, _Issuer())


def forget() -> None:
    """Forget everything that is cached."""
    _issuers.clear()


def discovery() -> Discovery:
    """The provider's addresses, cached. Raises ProviderUnavailable."""
    return _issuer().discovery.get(max_age_s=DISCOVERY_TTL_S)


def check() -> None:
    """Ask the provider for its addresses, past the cache. Raises ProviderUnavailable."""
    _discover()


def _discover() -> Discovery:
    # Section 4 of OpenID Connect Discovery 1.0: a slash at the end is not doubled.
    base = settings.OIDC_ISSUER.rstrip("/")
    found = _json("GET", f"{base}/.well-known/openid-configuration")
    # OpenID Connect Discovery 1.0, section 4.3: the issuer must be exactly the one asked for.
    if found.get("issuer") != settings.OIDC_ISSUER:
        raise ProviderUnavailable(f"discovery is of another issuer: {found.get('issuer')!r}")
    if missing := [name for name in ENDPOINTS if not isinstance(found.get(name), str)]:
        raise ProviderUnavailable(f"discovery lacks {', '.join(missing)}")
    if settings.OIDC_ISSUER.startswith("https:"):
        for name in (*ENDPOINTS, "end_session_endpoint", "introspection_endpoint"):
            if found.get(name) and not str(found[name]).startswith("https:"):
                raise ProviderUnavailable(f"{name} is not https")
    return Discovery(
        authorization=found["authorization_endpoint"],
        token=found["token_endpoint"],
        userinfo=found["userinfo_endpoint"],
        keys=found["jwks_uri"],
        logout=str(found.get("end_session_endpoint") or ""),
        introspection=str(found.get("introspection_endpoint") or ""),
    )


def key(kid: str) -> dict[str, Any] | None:
    """The provider's signing key with that id, as a JWK; None when there is none.

    Keys are cached; an unknown id fetches them again, at most every MIN_KEYS_INTERVAL_S, so a
    rotation is noticed at once. Known keys stay in use while that fails. Raises
    ProviderUnavailable.
    """
    keys = _issuer().keys
    found = keys.get(max_age_s=KEYS_TTL_S)
    if kid not in found:
        found = keys.get(max_age_s=MIN_KEYS_INTERVAL_S, stale_allowed=False)
    return found.get(kid)


def _fetch_keys() -> Keys:
    found = _json("GET", discovery().keys).get("keys")
    return {
        str(each["kid"]): each
        for each in (found if isinstance(found, list) else [])
        if isinstance(each, dict)
        and (each.get("kty"), each.get("use", "sig")) == ("RSA", "sig")
        and each.get("kid")
    }


def exchange(form: Mapping[str, str]) -> dict[str, Any]:
    """The tokens for a code. Raises SignInFailed when the provider refuses the code."""
    try:
        return _json("POST", discovery().token, form=form)
    except Ended as error:
        raise SignInFailed(Reason.EXPIRED, str(error)) from error


def refresh(refresh_token: str) -> dict[str, Any]:
    """New tokens for a session. Raises Ended, or ProviderUnavailable when that is not known."""
    form = {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
        "client_id": settings.OIDC_CLIENT_ID,
        "client_secret": settings.OIDC_CLIENT_SECRET,
    }
    tokens = _json("POST", discovery().token, form=form)
    if "access_token" not in tokens:
        raise ProviderUnavailable("the provider sent no tokens")
    return tokens


def userinfo(access_token: str) -> dict[str, Any]:
    """What the provider says of the person. Raises InvalidToken when it refuses the token, and
    ProviderUnavailable."""
    headers = {"Authorization": f"Bearer {access_token}"}
    try:
        return _json("GET", discovery().userinfo, headers=headers)
    except Ended as error:
        raise InvalidToken("the provider refuses the access token") from error


def introspect(access_token: str) -> dict[str, Any]:
    """What the provider says of an access token now (RFC 7662): `active` says whether it counts.

    Raises ProviderUnavailable, also when our client may not ask.
    """
    url = discovery().introspection
    if not url:
        raise ProviderUnavailable("the provider has no introspection_endpoint")
    form = {
        "token": access_token,
        "token_type_hint": "access_token",
        "client_id": settings.OIDC_CLIENT_ID,
        "client_secret": settings.OIDC_CLIENT_SECRET,
    }
    return _json("POST", url, form=form)


def _json(
    method: str,
    url: str,
    *,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    if not connection.in_atomic_block:
        # Back to the pool: a slow provider must not hold the connections that others need.
        connection.close()
    if not _slots.acquire(timeout=SLOT_TIMEOUT_S):
        raise ProviderUnavailable(f"{MAX_REQUESTS} requests already wait for the provider")
    try:
        status, body = _fetch(method, url, form=form, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        outages.failed(error)
        raise ProviderUnavailable(repr(error)) from error
    finally:
        _slots.release()
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    # RFC 6749, section 5.2. Other errors (invalid_client, 404, 5xx) are of the set-up or of the
    # server, and say nothing about the session.
    if form and status == 400 and isinstance(found, dict) and found.get("error") == "invalid_grant":
        outages.recovered()
        raise Ended(str(found.get("error_description", "")))
    # RFC 6750, section 3.1: the token that was sent does not count.
    if headers and status in (401, 403):
        outages.recovered()
        raise Ended(f"{status} from {url}")
    if status != 200 or not isinstance(found, dict):
        failed = ProviderUnavailable(f"{status} from {url}: {body[:200]!r}")
        outages.failed(failed)
        raise failed
    outages.recovered()
    return found


def _fetch(
    method: str, url: str, *, form: Mapping[str, str] | None, headers: Mapping[str, str] | None
) -> tuple[int, bytes]:
    """Status and body. The whole request takes no longer than OIDC_TIMEOUT at each step and three
    times that in all."""
    deadline = time.monotonic() + settings.OIDC_TIMEOUT * 3
    with (
        httpx.Client(
            timeout=settings.OIDC_TIMEOUT,
            follow_redirects=False,
            verify=trusted_authorities(settings.OIDC_CA),
        ) as client,
        client.stream(method, url, data=form, headers=headers) as response,
    ):
        body = b""
        for part in response.iter_bytes():
            body += part
            if len(body) > MAX_BYTES or time.monotonic() > deadline:
                raise httpx.ReadTimeout("the response is too long")
        return response.status_code, body
