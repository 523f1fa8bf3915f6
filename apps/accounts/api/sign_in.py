"""Checks a username and a password for the API, with the limits of the sign-in page."""

from typing import Annotated

from allauth.account.forms import LoginForm
from allauth.core import ratelimit
from django.http import HttpRequest
from msgspec import Meta

from apps.core.errors import RateLimited, SignedOut
from apps.wire.http import Input

RETRY_AFTER_S = 60.0


class SignIn(Input, frozen=True):
    """`username` may also be the account's confirmed e-mail."""

    username: Annotated[str, Meta(min_length=1, max_length=254)]
    password: Annotated[str, Meta(min_length=1, max_length=4096)]


def checked(request: HttpRequest, credentials: SignIn) -> LoginForm:
    """The valid form: its `user` has this password. Raises RateLimited and SignedOut."""
    if not ratelimit.consume(request, action="login"):
        raise RateLimited(retry_after=RETRY_AFTER_S)
    form = LoginForm(
        {"login": credentials.username, "password": credentials.password}, request=request
    )
    if not form.is_valid():
        if form.has_error("__all__", "too_many_login_attempts"):
            raise RateLimited(retry_after=RETRY_AFTER_S)
        raise SignedOut("Wrong username or password.")
    return form
