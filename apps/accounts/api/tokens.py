"""Tokens for apps over HTTP: signing in, refreshing and signing out."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.actions import app_tokens, deletions
from apps.accounts.actions.devices import checked_name
from apps.accounts.api import sign_in
from apps.accounts.tokens import ACCESS_TTL
from apps.core.errors import InvalidToken, NotFound, RateLimited, SecondFactorRequired, SignedOut
from apps.core.limits import REFRESHES
from apps.wire.http import Input, decode
from apps.wire.openapi import operation


class AppSignIn(sign_in.SignIn, frozen=True):
    """`device_name` is what the person's list of devices shows."""

    device_name: Annotated[str, Meta(max_length=80)] = ""


class Refresh(Input, frozen=True):
    """The app's refresh token."""

    refresh_token: Annotated[str, Meta(min_length=1, max_length=4096)]


class TokenPair(Struct, frozen=True, kw_only=True):
    """Send `access_token` as `Authorization: Bearer`. After `expires_in` seconds, or a 401,
    exchange `refresh_token` for the next pair: it works once. `device` is the id of the app in the
    list of devices. As in RFC 6749, section 5.1."""

    access_token: str
    refresh_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105  no secret
    expires_in: int
    device: UUID


class Open(APIView):
    """Nobody is signed in yet. No CSRF token: only JSON is accepted, which another site cannot send
    without a preflight, and no cookie is read."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


class TokensView(Open):
    """`/tokens`"""

    @operation(
        "createTokens",
        "Sign an app in",
        body=AppSignIn,
        returns=TokenPair,
        status=(201,),
        errors=(SignedOut, SecondFactorRequired, RateLimited, NotFound),
        calls=app_tokens.begin,
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """With a password of this server; the limits are those of the sign-in page. An account with
        a second factor needs a `code`, too; without one it is refused with
        `second_factor_required`."""
        given = decode(request, AppSignIn)
        name = checked_name(given.device_name, pointer="#/device_name")
        user = sign_in.checked(request._request, given).user
        if not user.is_active:
            raise SignedOut("This account cannot sign in.")
        step = sign_in.second_step(request._request, user, given.code)
        try:
            tokens = app_tokens.begin(
                user.pk,
                name=name,
                checked=user.get_session_auth_hash(),
                second_factor=step is not None,
            )
        except NotFound:  # closed in this moment
            raise SignedOut("This account cannot sign in.") from None
        deletions.take_back(user.pk)
        return pair_response(tokens, status=201)


class RefreshView(Open):
    """`/tokens/refresh`"""

    @operation(
        "refreshTokens",
        "Refresh an app's tokens",
        body=Refresh,
        returns=TokenPair,
        errors=(InvalidToken,),
        limits=(REFRESHES,),
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """A refresh token works once. If no response comes, send the same one again. One that comes
        back after its successor was used signs the device out."""
        return pair_response(app_tokens.refresh(decode(request, Refresh).refresh_token), status=200)


class RevokeView(Open):
    """`/tokens/revoke`"""

    @operation(
        "revokeTokens",
        "Sign an app out",
        body=Refresh,
        returns=None,
        status=(204,),
        limits=(REFRESHES,),
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Its tokens, its live connections and its pushes end. 204 for an unknown token, too."""
        app_tokens.revoke(decode(request, Refresh).refresh_token)
        return Response(status=204)


def pair_response(tokens: app_tokens.Tokens, *, status: int) -> Response:
    """The response with the tokens, which nothing on the way may store."""
    pair = TokenPair(
        access_token=tokens.access,
        refresh_token=tokens.refresh,
        expires_in=int(ACCESS_TTL.total_seconds()),
        device=tokens.device,
    )
    return Response(pair, status=status, headers={"Cache-Control": "no-store"})
