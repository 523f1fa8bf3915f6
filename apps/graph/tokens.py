"""Verifies the tokens that come with notifications: Graph has sent them, for this server.

https://learn.microsoft.com/graph/change-notifications-with-resource-data, "How to validate".
"""

import time
from typing import Any

import jwt
from django.conf import settings

from apps.graph.errors import InvalidNotification
from apps.graph.gateways import keys

# Graph's publisher of notifications, in all clouds.
PUBLISHER = "0bf30f3b-4a52-48df-9a82-234910c4a086"
# Fixed: a token must not choose how it is checked.
ALGORITHM = "RS256"
LEEWAY_S = 60
# A replay that is older is refused; of younger ones the content is remembered for longer.
MAX_AGE_S = 24 * 3600
MAX_LENGTH = 10_000
# The claim that names the program for which the token was made.
PROGRAM = {"1.0": "appid", "2.0": "azp"}


def verify(token: str) -> None:
    """Check a token: its signature, issuer, audience, age, tenant, and that Graph's publisher sent
    it. Raises InvalidNotification, or ProviderUnavailable while the keys cannot be fetched."""
    if len(token) > MAX_LENGTH:
        raise InvalidNotification("a token that is too long")
    try:
        header = jwt.get_unverified_header(token)
        # Only to find the issuer; everything is checked below.
        version = str(jwt.decode(token, options={"verify_signature": False}).get("ver", ""))
        if header.get("alg") != ALGORITHM or version not in PROGRAM:
            raise InvalidNotification("a token of another kind")
        kid = str(header.get("kid", ""))
        issuer = keys.issuer(version, kid)
        if kid not in issuer.keys:
            raise InvalidNotification("a token that is signed with an unknown key")
        claims: dict[str, Any] = jwt.decode(
            token,
            jwt.PyJWK(issuer.keys[kid], algorithm=ALGORITHM),
            algorithms=[ALGORITHM],
            audience=settings.GRAPH_CLIENT_ID,
            issuer=issuer.name,
            leeway=LEEWAY_S,
            options={"require": ["iss", "aud", "exp", "iat"]},
        )
    except jwt.PyJWTError as error:
        raise InvalidNotification(f"a token that is not valid: {error}"[:200]) from error
    if claims.get(PROGRAM[version]) != PUBLISHER:
        raise InvalidNotification("a token that another program has sent")
    if str(claims.get("tid", "")).lower() != settings.GRAPH_TENANT.lower():
        raise InvalidNotification("a token of another tenant")
    if time.time() - int(claims["iat"]) > MAX_AGE_S:
        raise InvalidNotification("a token that is too old")
