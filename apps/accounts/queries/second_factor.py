"""Which second factors a person has."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from allauth.mfa.models import Authenticator

from apps.core.sealing import Unreadable


class Passkey(NamedTuple):
    """A passkey as its owner sees it."""

    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None


class SecondFactors(NamedTuple):
    """`app_since`: when the authenticator app was set up, None without one. `codes_left`: unused
    recovery codes, None for a person who has none at all."""

    app_since: datetime | None
    app_used_at: datetime | None
    passkeys: list[Passkey]
    codes_left: int | None

    @property
    def on(self) -> bool:
        """Whether a password alone does not sign in."""
        return self.app_since is not None or bool(self.passkeys)


def second_factors(user_id: UUID) -> SecondFactors:
    """The person's second factors."""
    app: Authenticator | None = None
    codes_left: int | None = None
    passkeys: list[Passkey] = []
    for each in Authenticator.objects.filter(user_id=user_id).order_by("id"):
        if each.type == Authenticator.Type.TOTP:
            app = each
        elif each.type == Authenticator.Type.WEBAUTHN:
            passkeys.append(Passkey(each.pk, each.wrap().name, each.created_at, each.last_used_at))
        else:
            codes_left = _codes_left(each)
    return SecondFactors(
        app_since=app.created_at if app else None,
        app_used_at=app.last_used_at if app else None,
        passkeys=passkeys,
        codes_left=codes_left,
    )


def has_second_factor(user_id: UUID) -> bool:
    """Whether a password alone does not sign the person in."""
    found = Authenticator.objects.filter(user_id=user_id)
    return bool(found.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())


def _codes_left(codes: Authenticator) -> int:
    """0 when they were sealed with another SECRET_KEY: they work no more."""
    try:
        return len(codes.wrap().get_unused_codes())
    except Unreadable:
        return 0
