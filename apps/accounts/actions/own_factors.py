"""Changes a person's own second factors, for their pages and the API.

The caller has made sure that it is the owner who asks. Each change is counted, waits for the others
under the lock of the person's stream, and is told to the owner by mail.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.base.internal.flows import delete_dangling_recovery_codes
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.recovery_codes.internal.flows import add_codes_generated_message
from allauth.mfa.totp.internal.auth import TOTP, clear_totp_secret
from allauth.mfa.webauthn.internal.auth import WebAuthn, begin_registration
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest

from apps.accounts.actions import streams
from apps.accounts.actions.second_factor import forget_step
from apps.accounts.models import User
from apps.accounts.queries.second_factor import has_second_factor
from apps.core.errors import NotFound, NotPossible
from apps.core.limits import SECOND_FACTOR, check

Type = Authenticator.Type
MAX_PASSKEYS = 50


def check_may_begin(user: User, type_: str) -> None:
    """Count an attempt to set a factor up. Raises RateLimited, and NotPossible for people whose
    second factor is at the identity provider, and for one factor too many."""
    check(SECOND_FACTOR, user.id)
    _check_has_room(user, type_)


def activate_app(
    request: HttpRequest, user: User, secret: str, *, step: int, shown: bool = False
) -> list[str]:
    """Set up the authenticator app that has this secret; `step` is the time step of the code that
    proved it.

    Returns the recovery codes if these are the first ones. `shown`: the caller shows them; else a
    page does, once. Raises NotPossible and RateLimited.
    """
    with _changing(user):
        _check_has_room(user, Type.TOTP)
        forget_step(TOTP.activate(user, secret).instance, step)
        codes = _first_codes(user, shown=shown)
    clear_totp_secret(request)
    _tell(request, user, "totp_activated", codes=codes)
    return codes


def passkey_options(user: User) -> dict[str, Any]:
    """What a browser makes a passkey with (`PublicKeyCredentialCreationOptionsJSON`); the challenge
    is remembered. It may sign in without a password if its device stores it."""
    options = begin_registration(user, False)["publicKey"]
    selection = {**options["authenticatorSelection"], "residentKey": "preferred"}
    return {**options, "authenticatorSelection": selection}


def add_passkey(
    request: HttpRequest, user: User, *, name: str, credential: dict[str, Any], shown: bool = False
) -> tuple[Authenticator, list[str]]:
    """Add a verified passkey. Returns it, and the recovery codes as `activate_app` does."""
    with _changing(user):
        _check_has_room(user, Type.WEBAUTHN)
        passkey = WebAuthn.add(user, name, credential).instance
        codes = _first_codes(user, shown=shown)
    _tell(request, user, "webauthn_added", codes=codes)
    return passkey, codes


def rename_passkey(user: User, passkey_id: int, name: str) -> Authenticator:
    """Give a passkey another name. Raises NotFound, NotPossible and RateLimited."""
    with _changing(user):
        passkey = _find(user, Type.WEBAUTHN, pk=passkey_id)
        passkey.wrap().name = name
        passkey.save(update_fields=["data"])
    return passkey


def remove_app(request: HttpRequest, user: User) -> None:
    """Remove the authenticator app; the recovery codes go with the last factor."""
    with _changing(user):
        _remove(_find(user, Type.TOTP))
    _tell(request, user, "totp_deactivated")


def remove_passkey(request: HttpRequest, user: User, passkey_id: int) -> None:
    """Remove a passkey; the recovery codes go with the last factor."""
    with _changing(user):
        _remove(_find(user, Type.WEBAUTHN, pk=passkey_id))
    _tell(request, user, "webauthn_removed")


def make_codes(request: HttpRequest, user: User, *, shown: bool = False) -> list[str]:
    """New recovery codes; those before work no more. Raises NotPossible without a factor."""
    with _changing(user):
        if not has_second_factor(user.id):
            raise NotPossible("Set up an authenticator app or a passkey first.")
        Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).delete()
        codes = _first_codes(user, shown=shown)
    add_codes_generated_message(request)
    get_adapter(request).send_notification_mail("mfa/email/recovery_codes_generated", user)
    return codes


@contextmanager
def _changing(user: User) -> Iterator[None]:
    check(SECOND_FACTOR, user.id)
    with transaction.atomic():
        streams.lock([user.id])
        yield


def _check_has_room(user: User, type_: str) -> None:
    if not user.has_usable_password():
        raise NotPossible("Your second factor is where you sign in.")
    most = 1 if type_ == Type.TOTP else MAX_PASSKEYS
    if Authenticator.objects.filter(user=user, type=type_).count() >= most:
        raise NotPossible("You have set this up already.")


def _find(user: User, type_: str, **more: int) -> Authenticator:
    found: Authenticator | None = Authenticator.objects.filter(
        user=user, type=type_, **more
    ).first()
    if found is None:
        raise NotFound
    return found


def _remove(authenticator: Authenticator) -> None:
    authenticator.delete()
    delete_dangling_recovery_codes(authenticator.user)


def _first_codes(user: User, *, shown: bool) -> list[str]:
    if Authenticator.objects.filter(user=user, type=Type.RECOVERY_CODES).exists():
        return []
    made = RecoveryCodes.activate(user)
    if shown:
        made.mark_as_viewed()
    codes: list[str] = made.generate_codes()
    return codes


def _tell(request: HttpRequest, user: User, what: str, *, codes: list[str] | None = None) -> None:
    adapter = get_adapter(request)
    adapter.add_message(request, messages.SUCCESS, f"mfa/messages/{what}.txt")
    adapter.send_notification_mail(f"mfa/email/{what}", user)
    if codes:
        add_codes_generated_message(request)
