"""Checks a username and a password for the API, with the limits of the sign-in page."""

from typing import Annotated

from allauth.account.forms import LoginForm
from allauth.core import ratelimit
from django.http import HttpRequest
from msgspec import Meta

from apps.accounts.actions.proof import RETRY_AFTER_S
from apps.accounts.models import User
from apps.accounts.queries.second_factor import has_second_factor
from apps.accounts.second_factor_forms import MAX_CODE_LENGTH, CodeForm
from apps.core.errors import RateLimited, SecondFactorRequired, SignedOut
from apps.wire.http import Input


class SignIn(Input, frozen=True):
    """`username` may also be the account's confirmed e-mail. `code`: of the authenticator app, or a
    recovery code, for an account with a second factor."""

    username: Annotated[str, Meta(min_length=1, max_length=254)]
    password: Annotated[str, Meta(min_length=1, max_length=4096)]
    code: Annotated[str, Meta(max_length=MAX_CODE_LENGTH)] = ""


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


def second_step(request: HttpRequest, user: User, code: str) -> CodeForm | None:
    """The valid form with the code, which is used up; None for an account without a second factor.

    Raises SecondFactorRequired without a code, RateLimited, and SignedOut for a wrong one.
    """
    if not has_second_factor(user.pk):
        return None
    if not code:
        raise SecondFactorRequired
    form = CodeForm({"code": code}, user=user)
    if form.is_valid():
        return form
    if form.has_error("code", "too_many_login_attempts"):
        raise RateLimited(retry_after=RETRY_AFTER_S)
    raise SignedOut("Wrong code.")
