"""The incoming webhooks of a group over the API."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core.authentication import person_id
from apps.core.errors import ChatClosed, Forbidden, Full
from apps.integrations.actions import incoming as actions
from apps.integrations.addresses import webhook_address
from apps.integrations.queries import incoming
from apps.integrations.queries.incoming import IncomingHook
from apps.wire.http import Input, decode
from apps.wire.openapi import operation


class Webhooks(Struct, frozen=True):
    """The incoming webhooks of a group, the newest first."""

    items: list[IncomingHook]


class NewWebhook(Input, frozen=True):
    """`name`: what its messages are written by."""

    name: Annotated[str, Meta(max_length=80)]


class MadeWebhook(Struct, frozen=True):
    """`url` is where programs post, and shown this once."""

    webhook: IncomingHook
    url: str


class IncomingWebhooksView(APIView):
    """`/chats/{chat}/webhooks/incoming`"""

    @operation(
        "listIncomingWebhooks",
        "Incoming webhooks of a group",
        returns=Webhooks,
        errors=(Forbidden,),
    )
    def get(self, request: Request, chat: UUID) -> Response:
        """For those who may manage the integrations of the group: its owners and admins."""
        return Response(Webhooks(incoming.of_chat(person_id(request), chat)))

    @operation(
        "makeIncomingWebhook",
        "Make an incoming webhook",
        body=NewWebhook,
        returns=MadeWebhook,
        status=(201,),
        errors=(Forbidden, ChatClosed, Full),
        calls=actions.make,
    )
    def post(self, request: Request, chat: UUID) -> Response:
        """An address that takes what programs post to Slack. What is posted is written by a bot,
        which is a member of the group. 409 `full`: a group has at most twenty."""
        form = decode(request, NewWebhook)
        me = person_id(request)
        made, secret = actions.make(me, chat, name=form.name)
        return Response(_shown_once(me, chat, made, secret), status=201)


class IncomingWebhookView(APIView):
    """`/chats/{chat}/webhooks/incoming/{incoming_webhook}`"""

    @operation(
        "deleteIncomingWebhook",
        "Delete an incoming webhook",
        returns=None,
        status=(204,),
        errors=(Forbidden,),
        calls=actions.delete,
    )
    def delete(self, request: Request, chat: UUID, incoming_webhook: UUID) -> Response:
        """Its address ends at once. What it posted stays, by a former member."""
        actions.delete(person_id(request), chat, incoming_webhook)
        return Response(status=204)


class IncomingSecretView(APIView):
    """`/chats/{chat}/webhooks/incoming/{incoming_webhook}/secret`"""

    @operation(
        "replaceIncomingSecret",
        "Replace the address of an incoming webhook",
        returns=MadeWebhook,
        errors=(Forbidden, ChatClosed),
        calls=actions.replace_secret,
    )
    def post(self, request: Request, chat: UUID, incoming_webhook: UUID) -> Response:
        """The old address ends at once."""
        me = person_id(request)
        secret = actions.replace_secret(me, chat, incoming_webhook)
        return Response(_shown_once(me, chat, incoming_webhook, secret))


def _shown_once(me: UUID, chat: UUID, webhook: UUID, secret: str) -> MadeWebhook:
    return MadeWebhook(incoming.get(me, chat, webhook), webhook_address(webhook, secret))
