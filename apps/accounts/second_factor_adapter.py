"""Connects django-allauth's second factor to our settings, sealing and rules."""

from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core import sealing

LABEL = "apps.accounts.second_factor"


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Overrides decisions of allauth."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is not valid. Codes work once; wait for the next one."),
        "incorrect_passkey": _("This passkey was not accepted. Try again, or use a code."),
    }

    def encrypt(self, text: str) -> str:
        """Seal a secret before it is stored."""
        return sealing.seal(text, label=LABEL).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret. Raises Unreadable: with an empty secret, anybody could compute the codes."""
        return sealing.unseal(encrypted_text.encode(), label=LABEL)

    def get_totp_label(self, user: User) -> str:
        """The username: codes can be seen by others, the e-mail is private."""
        return user.username

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """What a new passkey is called until the person gives it a name."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return gettext("Passkey {number}").format(number=number)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The host of PUBLIC_URL. The request's host is the client's to choose."""
        return {"id": urlsplit(settings.PUBLIC_URL).hostname or "", "name": "Parley"}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        """What the browser shows when it offers the passkey."""
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return entity | {"name": user.username}
