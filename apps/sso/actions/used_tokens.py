"""Remembers tokens of the provider that work once."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from apps.sso.errors import InvalidToken
from apps.sso.models import UsedToken
from apps.sso.tokens import LEEWAY_S


def use_once(claims: Mapping[str, Any]) -> None:
    """Use a verified token up, by its issuer and `jti`. Raises InvalidToken when it was used
    before."""
    digest = hashlib.sha256(f"{claims['iss']} {claims['jti']}".encode()).hexdigest()
    expires = datetime.fromtimestamp(int(claims["exp"]) + LEEWAY_S, UTC)
    _, created = UsedToken.objects.get_or_create(digest=digest, defaults={"expires_at": expires})
    if not created:
        raise InvalidToken("the token was used before")
