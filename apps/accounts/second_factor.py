"""Whether a password alone may sign a person in."""

from django.apps import apps

from apps.accounts.models import User


def has_second_factor(user: User) -> bool:
    """Whether the person must prove more than their password. False while allauth.mfa is off."""
    if not apps.is_installed("allauth.mfa"):
        return False
    from allauth.mfa.utils import is_mfa_enabled

    return bool(is_mfa_enabled(user))
