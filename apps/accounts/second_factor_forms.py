"""The forms of the second factor: allauth's, with our limits and checks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as codes
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, generate_totp_secret
from allauth.mfa.webauthn import forms as passkeys
from allauth.mfa.webauthn.internal.auth import (
    complete_authentication,
    parse_authentication_response,
    parse_registration_response,
)
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from apps.accounts.actions import own_factors, second_factor
from apps.accounts.code_limits import count_code
from apps.accounts.models import User
from apps.core.sealing import Unreadable

MAX_NAME_LENGTH = 60
MAX_CODE_LENGTH = 32


def code_field(label: Any) -> forms.CharField:
    """A field for a code that browsers and password managers can fill in."""
    return forms.CharField(
        label=label,
        max_length=MAX_CODE_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )


class CodeForm(codes.AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """The second step of a sign-in. `authenticator`: the one whose code was entered."""

    code = code_field(_("Code"))

    def clean_code(self) -> str:
        """Use the code up. Raises ValidationError."""
        uncount = count_code(context.request, self.user)
        code: str = self.cleaned_data["code"]
        self.authenticator = second_factor.use_code(self.user.pk, code)
        if self.authenticator is None:
            raise get_adapter().validation_error("incorrect_code")
        uncount()
        return code


class ActivateAppForm(forms.Form):
    """Proves that the app has the secret. `secret` is new on each GET, and sealed in the session.

    `step`: the time step of the code, which must not be accepted again.
    """

    code = code_field(_("Code from the app"))
    step: int

    def __init__(self, *args: Any, user: User, **more: Any) -> None:
        super().__init__(*args, **more)
        self.secret = _pending_secret() if self.is_bound else _new_secret()

    def clean_code(self) -> str:
        """Raises ValidationError for a code of another secret."""
        code: str = self.cleaned_data["code"]
        step = second_factor.time_step_of(self.secret, code)
        if step is None:
            raise get_adapter().validation_error("incorrect_code")
        self.step = step
        return code


def _new_secret() -> str:
    secret: str = generate_totp_secret()
    context.request.session[SECRET_SESSION_KEY] = get_adapter().encrypt(secret)
    return secret


def _pending_secret() -> str:
    """The secret that the last GET showed; a new one if the session has none any more."""
    try:
        return str(get_adapter().decrypt(context.request.session[SECRET_SESSION_KEY]))
    except (KeyError, Unreadable):
        return _new_secret()


class PasskeyField(forms.JSONField):
    """What the browser made of a passkey: the JSON of Web Authentication Level 3, section 5.1.

    `parse`: allauth's parser of such a response. The origin must be PUBLIC_URL (section 7.2, step
    13); allauth would accept subdomains as well.
    """

    widget = forms.HiddenInput

    def __init__(self, parse: Callable[[Any], Any]) -> None:
        super().__init__()
        self.parse = parse

    def clean(self, value: Any) -> Any:
        """The parsed JSON. Raises ValidationError."""
        credential = super().clean(value)
        try:
            origin = self.parse(credential).response.client_data.origin
        except Exception as error:  # the parser raises whatever malformed input leads to
            raise _refused() from error
        if origin != settings.PUBLIC_URL:
            raise _refused()
        return credential


def _refused() -> ValidationError:
    refused: ValidationError = get_adapter().validation_error("incorrect_passkey")
    return refused


@contextmanager
def _of_a_passkey() -> Iterator[None]:
    """allauth says of a refused passkey that the code was wrong, or what is wrong with its id."""
    try:
        yield
    except ValidationError as error:
        if error.code == "too_many_login_attempts":
            raise
        raise _refused() from error


def _require_verified(credential: Any) -> None:
    response = parse_authentication_response(credential).response
    if not response.authenticator_data.is_user_verified():
        raise _refused()


class AddPasskeyForm(passkeys.AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A new passkey and its name."""

    name = forms.CharField(label=_("Name"), max_length=MAX_NAME_LENGTH, required=False)
    credential = PasskeyField(parse_registration_response)
    # Each passkey may sign in without a password if it can: the server demands at the sign-in that
    # the person was verified.
    passwordless = None

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError for a passkey that was not made for this session's challenge."""
        with _of_a_passkey():
            cleaned: dict[str, Any] = super().clean()
        return cleaned


class RenamePasskeyForm(passkeys.EditWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """The name of a passkey."""

    name = forms.CharField(label=_("Name"), max_length=MAX_NAME_LENGTH)

    def save(self) -> Authenticator:
        """The passkey with its new name."""
        owner = self.instance.user
        return own_factors.rename_passkey(owner, self.instance.pk, self.cleaned_data["name"])


class PasskeyForm(passkeys.AuthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A passkey as the second step of a sign-in."""

    credential = PasskeyField(parse_authentication_response)

    def clean_credential(self) -> Authenticator:
        """The passkey. Raises ValidationError.

        Not counted, unlike codes: a signature cannot be guessed, and somebody who knows the
        password must not use up the owner's attempts.
        """
        with _of_a_passkey():
            return complete_authentication(self.user, self.cleaned_data["credential"])


class PasskeyProofForm(PasskeyForm):
    """A passkey with which somebody who is signed in proves again that it is them.

    The device must have verified the person: it may lie next to an open screen.
    """

    def clean_credential(self) -> Authenticator:
        """The passkey. Raises ValidationError."""
        _require_verified(self.cleaned_data["credential"])
        return super().clean_credential()


class PasskeySignInForm(passkeys.LoginWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """A passkey in place of name, password and second step."""

    credential = PasskeyField(parse_authentication_response)

    def clean_credential(self) -> Authenticator:
        """The passkey, whose owner signs in. Raises ValidationError.

        The device must have verified the person. The challenge does not say so: one that was made
        for the second step of somebody else is in the same place of the session.
        """
        _require_verified(self.cleaned_data["credential"])
        with _of_a_passkey():
            return super().clean_credential()
