"""The tokens of apps: what they say, and how they are read.

JSON Web Tokens by simplejwt, signed with HS256 and a key of our own. The algorithm is that of the
settings, never that of the token (RFC 8725, section 3.1). A token only names its session: whether
that still exists is asked of the database at each use.
"""

from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any, NamedTuple, TypeVar, cast
from uuid import UUID

from django.conf import settings
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import Token

from apps.core.errors import InvalidToken

ACCESS_TTL = cast(timedelta, settings.SIMPLE_JWT["ACCESS_TOKEN_LIFETIME"])
REFRESH_TTL = cast(timedelta, settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"])
MAX_LENGTH = 4096
# Programs that look for leaked secrets find those of bots by it.
BOT_PREFIX = "parley_bot_"
DEVICE_LENGTH = 32


class Claims(NamedTuple):
    """Of which app of which person a token is. `refresh_id`: the refresh token itself, or the one
    that the access token was made with."""

    person: UUID
    device: UUID
    refresh_id: UUID


class BotClaims(NamedTuple):
    """Of which token of a bot these are; `digest` is that of the whole token."""

    device: UUID
    digest: str


class AccessToken(Token):
    """Short-lived: sent with each request."""

    token_type = "access"  # noqa: S105  no secret
    lifetime = ACCESS_TTL


class RefreshToken(Token):
    """Long-lived: exchanged for new tokens."""

    token_type = "refresh"  # noqa: S105  no secret
    lifetime = REFRESH_TTL


T = TypeVar("T", bound=Token)


def sign(kind: type[T], claims: Claims) -> str:
    """A new token."""
    token = kind()
    token["sub"] = str(claims.person)
    token["device"] = str(claims.device)
    token["refresh"] = str(claims.refresh_id)
    return str(token)


def read(kind: type[T], text: str) -> Claims:
    """The claims of a token of this kind, with its signature, its times and its kind checked.

    Raises SignedOut.
    """
    if len(text) > MAX_LENGTH:
        raise InvalidToken
    try:
        token: Any = kind(text)  # type: ignore[arg-type]  # simplejwt takes the text, too
        return Claims(*(UUID(token[name]) for name in ("sub", "device", "refresh")))
    except (TokenError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise InvalidToken from error


def read_access(text: str) -> Claims | BotClaims:
    """The claims of what is presented as an access token: that of an app, or the token of a bot.
    Raises SignedOut."""
    if not text.startswith(BOT_PREFIX):
        return read(AccessToken, text)
    device = text.removeprefix(BOT_PREFIX)[:DEVICE_LENGTH]
    try:
        return BotClaims(UUID(device), digest(text[:MAX_LENGTH]))
    except ValueError as error:
        raise InvalidToken from error


def bot_token(device: UUID) -> str:
    """A new token of a bot: it names its device, and is secret by 256 random bits."""
    return f"{BOT_PREFIX}{device.hex}_{token_urlsafe(32)}"


def digest(secret: str) -> str:
    """How a secret of 256 random bits is stored: the token of a bot, or a ticket."""
    return sha256(secret.encode("utf-8", "replace")).hexdigest()
