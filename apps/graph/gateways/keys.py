"""The keys with which Microsoft signs tokens, and the names under which it issues them."""

import json
from typing import Any, NamedTuple

from django.conf import settings

from apps.graph.errors import GraphUnavailable
from apps.graph.gateways.http import fetch
from apps.sso.gateways.cached import Cached

# Microsoft rotates its keys every day.
TTL_S = 3600.0
# A forged token with an unknown key must not make us ask for the keys again and again.
MIN_INTERVAL_S = 60.0
# By the claim `ver` of a token: its configuration below the tenant.
VERSIONS = {
    "1.0": ".well-known/openid-configuration",
    "2.0": "v2.0/.well-known/openid-configuration",
}


class Issuer(NamedTuple):
    """One version of the tenant's tokens; keys by `kid`, as JWKs."""

    name: str
    keys: dict[str, dict[str, Any]]


_known: dict[tuple[str, str, str], Cached[Issuer]] = {}


def forget() -> None:
    """Forget everything that is cached."""
    _known.clear()


def issuer(version: str, kid: str) -> Issuer:
    """The issuer of tokens of that version (a key of VERSIONS). One without the key is fetched
    again. Raises GraphUnavailable or ProviderUnavailable."""
    where = (settings.GRAPH_LOGIN_URL, settings.GRAPH_TENANT, version)
    cached = _known.setdefault(where, Cached(lambda: _fetch(*where)))
    found = cached.get(max_age_s=TTL_S)
    if kid not in found.keys:
        found = cached.get(max_age_s=MIN_INTERVAL_S, stale_allowed=False)
    return found


def _fetch(login_url: str, tenant: str, version: str) -> Issuer:
    found = _json(f"{login_url}/{tenant}/{VERSIONS[version]}")
    name, address = str(found.get("issuer", "")), str(found.get("jwks_uri", ""))
    # The documents of several tenants have a placeholder there.
    if tenant.lower() not in name.lower() or not address.startswith("https:"):
        raise GraphUnavailable(f"the configuration of {login_url} is of another tenant")
    keys = _json(address).get("keys")
    return Issuer(
        name,
        {
            str(each["kid"]): each
            for each in (keys if isinstance(keys, list) else [])
            if isinstance(each, dict) and each.get("kty") == "RSA" and each.get("kid")
        },
    )


def _json(url: str) -> dict[str, Any]:
    response = fetch("GET", url)
    try:
        found = json.loads(response.content)
    except ValueError:
        found = None
    if response.status_code != 200 or not isinstance(found, dict):
        raise GraphUnavailable(f"{response.status_code} from {url}")
    return found
