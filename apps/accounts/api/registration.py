"""Registering an account over the API."""

from typing import Annotated
from uuid import UUID

from allauth.core import ratelimit
from django.conf import settings
from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.actions import registration
from apps.accounts.actions.proof import RETRY_AFTER_S
from apps.accounts.api.tokens import Open
from apps.core.errors import Forbidden, Full, NotFound, RateLimited
from apps.wire.http import Input, decode
from apps.wire.openapi import operation


class NewAccount(Input, frozen=True):
    """`email`: a link is sent to it, and it belongs to the account once that is followed.

    `invite`: the secret at the end of an invite link, where one is needed (REGISTRATION); the
    account is then in the link's group. `proof`: the one in the link that was mailed to an address.
    """

    username: Annotated[str, Meta(min_length=1, max_length=32)]
    password: Annotated[str, Meta(min_length=1, max_length=4096)]
    email: Annotated[str, Meta(max_length=254)] = ""
    name: str = ""
    locale: str = settings.LANGUAGE_CODE
    time_zone: Annotated[str, Meta(max_length=64)] = ""
    invite: Annotated[str, Meta(max_length=200)] = ""
    proof: Annotated[str, Meta(max_length=1000)] = ""


class Registered(Struct, frozen=True):
    """The new account. Nobody is signed in yet."""

    id: UUID
    username: str


class AccountsView(Open):
    """`/accounts`"""

    @operation(
        "register",
        "Register",
        body=NewAccount,
        returns=Registered,
        status=(201,),
        errors=(RateLimited, NotFound, Forbidden, Full),
        auth=[],
    )
    def post(self, request: Request) -> Response:
        """Then sign in with `/session` or `/tokens`. The limits are those of the page. The response
        does not tell whether another account has the e-mail address. 404: this server registers
        nobody; 403: it needs an invitation or a proven address (REGISTRATION)."""
        plain = request._request
        if not ratelimit.consume(plain, action="signup"):
            raise RateLimited(retry_after=RETRY_AFTER_S)
        given = decode(request, NewAccount)
        user = registration.sign_up(
            given.username,
            password=given.password,
            email=given.email,
            name=given.name,
            locale=given.locale,
            time_zone=given.time_zone,
            invite=given.invite,
            proof=given.proof,
        )
        registration.confirm_email(plain, user)
        return Response(Registered(user.id, user.username), status=201)
