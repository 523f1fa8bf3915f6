"""The asker's bots over the API."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.scopes import SCOPES
from apps.core.authentication import person_id
from apps.core.errors import Full, NotFound
from apps.core.limits import PROFILE
from apps.integrations.actions import bots as actions
from apps.integrations.queries import bots
from apps.integrations.queries.bots import Bot
from apps.wire.http import Input, decode
from apps.wire.openapi import operation

Name = Annotated[str, Meta(max_length=80)]
About = Annotated[str, Meta(max_length=200)]


class Bots(Struct, frozen=True):
    """The asker's bots, and what tokens can cover."""

    items: list[Bot]
    scopes: list[str]


class NewBot(Input, frozen=True):
    """As the profile of a person."""

    username: str
    name: Name = ""
    about: About = ""


class BotProfile(Input, frozen=True):
    """What others see of the bot."""

    name: Name
    about: About = ""


class NewToken(Input, frozen=True):
    """Without `expires_at` the token lasts until it is revoked."""

    name: Name
    scopes: list[str]
    expires_at: Annotated[datetime, Meta(tz=True)] | None = None


class MadeToken(Struct, frozen=True):
    """`token` is shown this once."""

    id: UUID
    token: str


class BotsView(APIView):
    """`/bots`"""

    @operation("listBots", "My bots", returns=Bots)
    def get(self, request: Request) -> Response:
        """With their tokens, but not the secrets of these."""
        return Response(Bots(bots.of_owner(person_id(request)), list(SCOPES)))

    @operation(
        "makeBot",
        "Make a bot",
        body=NewBot,
        returns=Bot,
        status=(201,),
        errors=(Full, NotFound),
        calls=actions.make,
    )
    def post(self, request: Request) -> Response:
        """It is in no chat until somebody adds it. 409 `full`: a person has at most twenty."""
        form = decode(request, NewBot)
        me = person_id(request)
        made = actions.make(me, username=form.username, name=form.name, about=form.about)
        return Response(bots.get(me, made), status=201)


class BotView(APIView):
    """`/bots/{id}`"""

    @operation(
        "changeBot",
        "Change a bot",
        body=BotProfile,
        returns=Bot,
        calls=actions.change,
        limits=(PROFILE,),
    )
    def patch(self, request: Request, bot: UUID) -> Response:
        """Its name and what it says about itself."""
        form = decode(request, BotProfile)
        actions.change(person_id(request), bot, name=form.name, about=form.about)
        return Response(bots.get(person_id(request), bot))

    @operation("deleteBot", "Delete a bot", returns=None, status=(204,), calls=actions.delete)
    def delete(self, request: Request, bot: UUID) -> Response:
        """At once. What it wrote stays, by a former member."""
        actions.delete(person_id(request), bot)
        return Response(status=204)


class TokensView(APIView):
    """`/bots/{id}/tokens`"""

    @operation(
        "makeBotToken",
        "Make a token",
        body=NewToken,
        returns=MadeToken,
        status=(201,),
        errors=(Full,),
        calls=actions.make_token,
    )
    def post(self, request: Request, bot: UUID) -> Response:
        """`scopes` are some of those that `listBots` names. 409 `full`: a bot has at most
        twenty."""
        form = decode(request, NewToken)
        token, made = actions.make_token(
            person_id(request),
            bot,
            name=form.name,
            scopes=form.scopes,
            expires_at=form.expires_at,
        )
        return Response(MadeToken(made, token), status=201)


class TokenView(APIView):
    """`/bots/{id}/tokens/{id}`"""

    @operation(
        "revokeBotToken", "Revoke a token", returns=None, status=(204,), calls=actions.revoke_token
    )
    def delete(self, request: Request, bot: UUID, token: UUID) -> Response:
        """It is refused from now on, and its connections end."""
        actions.revoke_token(person_id(request), bot, token)
        return Response(status=204)
