"""Signing in and out over the API, for scripts and apps."""

from allauth.account.stages import LoginStageController
from allauth.mfa.stages import AuthenticateStage
from django.contrib.auth import logout
from django.http import HttpRequest
from django.middleware.csrf import get_token
from msgspec import Struct
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.actions import sessions
from apps.accounts.api.sign_in import SignIn, checked, second_step
from apps.accounts.queries import profiles
from apps.core.authentication import AppSession
from apps.core.errors import NotFound, RateLimited, SecondFactorRequired, SignedOut
from apps.wire import bodies
from apps.wire.http import decode
from apps.wire.openapi import operation


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
        if request is not None and request.method == "POST":
            return []
        return super().get_authenticators()

    def get_permissions(self) -> list[BasePermission]:
        """Anybody may sign in; signing out needs a session."""
        return [AllowAny() if self.request.method == "POST" else IsAuthenticated()]

    @operation(
        "signIn",
        "Sign in",
        body=SignIn,
        returns=SignedIn,
        status=(201,),
        errors=(SignedOut, SecondFactorRequired, RateLimited, NotFound),
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Sets a session cookie. The limits are those of the sign-in page. 404: this server has no
        local accounts.

        403 `second_factor_required`: the password is right, send a `code` with it.
        """
        plain = request._request
        credentials = decode(request, SignIn)
        form = checked(plain, credentials)
        step = second_step(plain, form.user, credentials.code)
        form.login(plain)
        if step and (stage := LoginStageController.enter(plain, AuthenticateStage.key)):
            step.save()
            stage.exit()
        # DRF sets None where Django has an AnonymousUser.
        if plain.user is None or plain.user.pk != form.user.pk:
            raise SignedOut("This account cannot sign in.")
        signed_in = SignedIn(me=profiles.me(plain.user.pk), csrf_token=get_token(plain))
        return Response(signed_in, status=201)

    @operation("signOut", "Sign out", returns=None, status=(204,))
    def delete(self, request: Request) -> Response:
        """Ends the session, or the tokens, and the live connections."""
        if isinstance(request.auth, AppSession):
            sessions.end(request.auth.session_key)
        else:
            logout(request._request)
        return Response(status=204)
