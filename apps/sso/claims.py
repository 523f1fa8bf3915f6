"""What the identity provider says of a person, once it is verified."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

# In OIDC_SECOND_FACTOR: the operator says that the provider asks everybody for a second factor.
ANY = "any"


@dataclass(frozen=True, kw_only=True)
class Person:
    """A person at the provider. `email` is empty unless the provider has confirmed it; `picture` is
    an address, or empty; `roles` is None when the provider says nothing of roles."""

    issuer: str
    subject: str
    username: str
    name: str
    email: str
    picture: str
    roles: frozenset[str] | None


def person(claims: Mapping[str, Any]) -> Person:
    """The person that verified claims describe."""
    return Person(
        issuer=settings.OIDC_ISSUER,
        subject=str(claims["sub"]),
        username=_text(claims.get("preferred_username")),
        name=_text(claims.get("name")),
        # `is True`: some providers send the text "false".
        email=_text(claims.get("email")) if claims.get("email_verified") is True else "",
        picture=_text(claims.get("picture")),
        roles=_roles(claims),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _roles(claims: Mapping[str, Any]) -> frozenset[str] | None:
    """The list under OIDC_ROLES_CLAIM, a path such as `realm_access.roles`; None without one.

    Some providers send the only role of a person as a text: ignored, it would leave them the roles
    that they had before.
    """
    found = _at(claims, settings.OIDC_ROLES_CLAIM)
    if isinstance(found, str):
        found = [found]
    if not isinstance(found, list):
        return None
    return frozenset(role for role in found if isinstance(role, str))


def _at(claims: object, path: str) -> object:
    """What is at `path`; None when there is nothing. Names may contain dots themselves, such as
    `https://example.org/roles` and, of clients, `resource_access.chat.example.org.roles`."""
    if not isinstance(claims, Mapping):
        return None
    if path in claims:
        return claims[path]
    parts = path.split(".")
    for count in range(len(parts) - 1, 0, -1):
        found = _at(claims.get(".".join(parts[:count])), ".".join(parts[count:]))
        if found is not None:
            return found
    return None


def proves_second_factor(claims: Mapping[str, Any]) -> bool:
    """Whether a sign-in with these claims of an ID token counts as one with a second factor.

    OpenID Connect Core 1.0, section 2: `acr` is one value, `amr` a list (RFC 8176).
    """
    accepted = set(settings.OIDC_SECOND_FACTOR)
    if ANY in accepted:
        return True
    methods = claims.get("amr")
    said = [claims.get("acr"), *(methods if isinstance(methods, list) else [])]
    return any(isinstance(value, str) and value in accepted for value in said)


def auth_time(claims: Mapping[str, Any]) -> int | None:
    """When the person proved to the provider that it is them (Unix time); None if it does not say
    so."""
    found = claims.get("auth_time")
    return found if isinstance(found, int) else None
