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
from apps.core.errors import NotFound, RateLimited, SignedOut
from apps.wire import bodies
from apps.wire.http import Input, decode
from apps.wire.openapi import operation

RETRY_AFTER_S = 60.0


class SignIn(Input, frozen=True):
    """`username` may also be the account's confirmed e-mail."""

    username: Annotated[str, Meta(min_length=1, max_length=254)]
    password: Annotated[str, Meta(min_length=1, max_length=4096)]


class SignedIn(Struct, frozen=True):
    """The owner of the new session. Send `csrf_token` as `X-CSRFToken` with every request that
    changes something."""

    me: bodies.Me
    csrf_token: str


class SessionView(APIView):
    """`/session`"""

    def get_authenticators(self) -> list[BaseAuthentication]:
        """None for signing in. It needs no CSRF token either: it accepts only JSON, which another
        site cannot send without a preflight, and no preflight is allowed."""
        request: HttpRequest = self.request
        return (
            [] if request is not None and request.method == "POST" else [ApiSessionAuthentication()]
        )

    def get_permissions(self) -> list[BasePermission]:
        """Anybody may sign in; signing out needs a session."""
        return [AllowAny() if self.request.method == "POST" else IsAuthenticated()]

    @operation(
        "signIn",
        "Sign in",
        body=SignIn,
        returns=SignedIn,
        status=(201,),
        errors=(SignedOut, RateLimited, NotFound),
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Sets a session cookie. The limits are those of the sign-in page. 404: this server has no
        local accounts."""
        credentials = decode(request, SignIn)
        plain = request._request
        if not ratelimit.consume(plain, action="login"):
            raise RateLimited(retry_after=RETRY_AFTER_S)
        form = LoginForm(
            {"login": credentials.username, "password": credentials.password}, request=plain
        )
        if not form.is_valid():
            if form.has_error("__all__", "too_many_login_attempts"):
                raise RateLimited(retry_after=RETRY_AFTER_S)
            raise SignedOut("Wrong username or password.")
        form.login(plain)
        # DRF sets None where Django has an AnonymousUser.
        if plain.user is None or not plain.user.is_authenticated:
            raise SignedOut("This account cannot sign in.")
        signed_in = SignedIn(me=profiles.me(plain.user.pk), csrf_token=get_token(plain))
        return Response(signed_in, status=201)

    @operation("signOut", "Sign out", returns=None, status=(204,))
    def delete(self, request: Request) -> Response:
        """Ends the session and its live connections."""
        logout(request._request)
        return Response(status=204)
