"""Signing in and out over the API, for scripts and apps."""

from typing import Annotated

from allauth.account.forms import LoginForm
from allauth.core import ratelimit
from django.contrib.auth import logout
from django.http import HttpRequest
from django.middleware.csrf import get_token
from msgspec import Meta, Struct
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.queries import profiles
from apps.core.authentication import ApiSessionAuthentication
from apps.core.errors import RateLimited, SignedOut
from apps.wire import bodies
from apps.wire.http import Input, decode
from apps.wire.openapi import operation

WAIT = 60.0


class SignIn(Input, frozen=True):
    """`username` may be the account's confirmed e-mail, too."""

    username: Annotated[str, Meta(min_length=1, max_length=254)]
    password: Annotated[str, Meta(min_length=1, max_length=4096)]


class SignedIn(Struct, frozen=True):
    """Whose session it is; `csrf_token` goes into `X-CSRFToken` with everything that changes
    something."""

    me: bodies.Me
    csrf_token: str


class SessionView(APIView):
    """The session of the asker."""

    def get_authenticators(self) -> list[BaseAuthentication]:
        """Signing in needs no session. Nor a CSRF token: only JSON is taken, which no other site
        can send without a preflight that is never answered."""
        request: HttpRequest = self.request
        return (
            [] if request is not None and request.method == "POST" else [ApiSessionAuthentication()]
        )

    def get_permissions(self) -> list[BasePermission]:
        """Everybody may sign in."""
        return [AllowAny() if self.request.method == "POST" else IsAuthenticated()]

    @operation("Sign in", body=SignIn, returns=SignedIn, status=(201,), auth=[])
    def post(self, request: Request) -> Response:
        """Answers with a session cookie. The limits are those of the sign-in page."""
        given = decode(request, SignIn)
        plain = request._request
        if not ratelimit.consume(plain, action="login"):
            raise RateLimited(retry_after=WAIT)
        form = LoginForm({"login": given.username, "password": given.password}, request=plain)
        if not form.is_valid():
            if form.has_error("__all__", "too_many_login_attempts"):
                raise RateLimited(retry_after=WAIT)
            raise SignedOut("The username or the password is wrong.")
        form.login(plain)
        # DRF leaves nobody at all where Django has an anonymous person.
        if plain.user is None or not plain.user.is_authenticated:
            raise SignedOut("This account cannot sign in here.")
        answer = SignedIn(me=profiles.me(plain.user.pk), csrf_token=get_token(plain))
        return Response(answer, status=201)

    @operation("Sign out", returns=None, status=(204,))
    def delete(self, request: Request) -> Response:
        """Ends the session and the live connections it opened."""
        logout(request._request)
        return Response(status=204)
