"""Checks a password that a signed-in person has typed again."""

from allauth.account.adapter import get_adapter
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from apps.accounts.models import User
from apps.core.errors import Invalid, PasswordRequired, RateLimited

RETRY_AFTER_S = 60.0


def check_password(request: HttpRequest, user: User, password: str) -> None:
    """Check the person's password, with the limits of the sign-in page. An account without one
    passes.

    Raises PasswordRequired for an empty one, Invalid for a wrong one, and RateLimited.
    """
    if not user.has_usable_password():
        return
    if not password:
        raise PasswordRequired
    try:
        right = get_adapter(request).reauthenticate(user, password)
    except ValidationError as error:
        raise RateLimited(retry_after=RETRY_AFTER_S) from error
    if not right:
        raise Invalid("Wrong password.", pointer="#/password", reason="Wrong password.")
