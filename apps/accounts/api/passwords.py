"""Changing the password over the API."""

from typing import Annotated, cast

from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.actions import passwords
from apps.accounts.fresh_sign_in import proven
from apps.accounts.models import User
from apps.core.errors import FreshSignInRequired, NotFound, NotPossible, SignedOut
from apps.core.limits import PASSWORD_CHANGES
from apps.wire.http import Input, decode
from apps.wire.openapi import operation


class NewPassword(Input, frozen=True):
    """The new password."""

    password: Annotated[str, Meta(min_length=1, max_length=4096)]


class PasswordView(APIView):
    """`/me/password`"""

    @operation(
        "changePassword",
        "Change my password",
        body=NewPassword,
        returns=None,
        status=(204,),
        errors=(FreshSignInRequired, NotPossible, SignedOut, NotFound),
        limits=(PASSWORD_CHANGES,),
    )
    def put(self, request: Request) -> Response:
        """All my other devices are signed out. A browser gets a new session cookie and CSRF token.
        409: the account has no password here. 404: this server has no local accounts."""
        given = decode(request, NewPassword)
        with proven(request) as plain:
            passwords.change_own(plain, cast(User, request.user), given.password)
        return Response(status=204)
