"""The outgoing webhooks of a group over the API."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core import cursors
from apps.core.authentication import person_id
from apps.core.errors import ChatClosed, Forbidden, Full, NotPossible
from apps.integrations.actions import outgoing as actions
from apps.integrations.events import EventType
from apps.integrations.queries import outgoing as webhooks
from apps.wire.http import Cursor, Input, decode, decode_query
from apps.wire.openapi import operation

Name = Annotated[str, Meta(max_length=80)]
Url = Annotated[str, Meta(max_length=2048)]
Events = Annotated[list[str], Meta(max_length=20)]
Words = Annotated[list[str], Meta(max_length=20)]
MAX_PAGE = 50


class NewOutgoingWebhook(Input, frozen=True):
    """`events`: see `listOutgoingWebhooks`. `words`: of messages, only those with one of them are
    sent; without any, all. `name`: the host, if there is none."""

    url: Url
    events: Events
    name: Name = ""
    words: Words = []


class Resumed(Input, frozen=True):
    """`skip`: without what has happened meanwhile."""

    skip: bool = False


class OutgoingLogQuery(Input, frozen=True):
    """A page of the log; pages are small, as each message may have 100,000 characters."""

    cursor: Cursor = ""
    limit: Annotated[int, Meta(ge=1, le=MAX_PAGE, description="How many at most.")] = 20


class OutgoingWebhooks(Struct, frozen=True):
    """The outgoing webhooks of a group, and the events that they can have."""

    items: list[webhooks.OutgoingHook]
    events: list[str]


class MadeOutgoingWebhook(Struct, frozen=True):
    """`secret` is shown this once."""

    webhook: webhooks.OutgoingHook
    secret: str


class WebhookSecret(Struct, frozen=True):
    """A new secret, which is shown this once."""

    secret: str


class AskedDelivery(Struct, frozen=True):
    """The event in the log."""

    id: UUID


class OutgoingLog(Struct, frozen=True):
    """A page of the log; `next` is the cursor of the next page."""

    items: list[webhooks.Delivery]
    next: str | None


class OutgoingWebhooksView(APIView):
    """`/chats/{chat}/webhooks/outgoing`"""

    @operation(
        "listOutgoingWebhooks",
        "Outgoing webhooks",
        returns=OutgoingWebhooks,
        errors=(Forbidden,),
    )
    def get(self, request: Request, chat: UUID) -> Response:
        """Without their secrets. For those who may manage the integrations of the group."""
        found = webhooks.of_chat(person_id(request), chat)
        return Response(OutgoingWebhooks(found, [*EventType]))

    @operation(
        "makeOutgoingWebhook",
        "Make an outgoing webhook",
        body=NewOutgoingWebhook,
        returns=MadeOutgoingWebhook,
        status=(201,),
        errors=(ChatClosed, Full, NotPossible),
        calls=actions.make,
    )
    def post(self, request: Request, chat: UUID) -> Response:
        """It is told of what happens from now on. 409 `full`: a group has at most ten."""
        form, me = decode(request, NewOutgoingWebhook), person_id(request)
        made, secret = actions.make(
            me, chat, url=form.url, events=form.events, name=form.name, words=form.words
        )
        body = MadeOutgoingWebhook(webhooks.get(me, chat, made), secret)
        return Response(body, status=201)


class OutgoingWebhookView(APIView):
    """`/chats/{chat}/webhooks/outgoing/{webhook}`"""

    @operation(
        "getOutgoingWebhook",
        "An outgoing webhook",
        returns=webhooks.OutgoingHook,
        errors=(Forbidden,),
    )
    def get(self, request: Request, chat: UUID, webhook: UUID) -> Response:
        """Without its secret."""
        return Response(webhooks.get(person_id(request), chat, webhook))

    @operation(
        "changeOutgoingWebhook",
        "Change an outgoing webhook",
        body=NewOutgoingWebhook,
        returns=webhooks.OutgoingHook,
        errors=(ChatClosed,),
        calls=actions.change,
    )
    def put(self, request: Request, chat: UUID, webhook: UUID) -> Response:
        """What waits is sent to the new address."""
        form, me = decode(request, NewOutgoingWebhook), person_id(request)
        actions.change(
            *(me, chat, webhook),
            url=form.url,
            events=form.events,
            name=form.name,
            words=form.words,
        )
        return Response(webhooks.get(me, chat, webhook))

    @operation(
        "deleteOutgoingWebhook",
        "Delete an outgoing webhook",
        returns=None,
        status=(204,),
        calls=actions.delete,
    )
    def delete(self, request: Request, chat: UUID, webhook: UUID) -> Response:
        """With its log. What waits is not sent."""
        actions.delete(person_id(request), chat, webhook)
        return Response(status=204)


class OutgoingPauseView(APIView):
    """`/chats/{chat}/webhooks/outgoing/{webhook}/pause`"""

    @operation(
        "pauseOutgoingWebhook",
        "Pause an outgoing webhook",
        returns=None,
        status=(204,),
        calls=actions.pause,
    )
    def put(self, request: Request, chat: UUID, webhook: UUID) -> Response:
        """Nothing is sent until it is resumed, but what somebody asks for."""
        actions.pause(person_id(request), chat, webhook)
        return Response(status=204)


class OutgoingResumeView(APIView):
    """`/chats/{chat}/webhooks/outgoing/{webhook}/resume`"""

    @operation(
        "resumeOutgoingWebhook",
        "Resume an outgoing webhook",
        body=Resumed,
        returns=None,
        status=(204,),
        errors=(ChatClosed,),
        calls=actions.resume,
    )
    def put(self, request: Request, chat: UUID, webhook: UUID) -> Response:
        """Whatever its state is. The person becomes its owner."""
        skip = decode(request, Resumed).skip
        actions.resume(person_id(request), chat, webhook, skip=skip)
        return Response(status=204)


class OutgoingSecretView(APIView):
    """`/chats/{chat}/webhooks/outgoing/{webhook}/secret`"""

    @operation(
        "rotateOutgoingSecret",
        "Make a new secret",
        returns=WebhookSecret,
        status=(201,),
        errors=(ChatClosed,),
        calls=actions.replace_secret,
    )
    def post(self, request: Request, chat: UUID, webhook: UUID) -> Response:
        """For a day, events are signed with the former one, too."""
        secret = actions.replace_secret(person_id(request), chat, webhook)
        return Response(WebhookSecret(secret), status=201)


class OutgoingTestView(APIView):
    """`/chats/{chat}/webhooks/outgoing/{webhook}/test`"""

    @operation(
        "testOutgoingWebhook",
        "Test an outgoing webhook",
        returns=AskedDelivery,
        status=(202,),
        errors=(ChatClosed,),
        calls=actions.test,
    )
    def post(self, request: Request, chat: UUID, webhook: UUID) -> Response:
        """Sends the event `ping`, even while it is paused. The log has the result."""
        made = actions.test(person_id(request), chat, webhook)
        return Response(AskedDelivery(made), status=202)


class OutgoingLogView(APIView):
    """`/chats/{chat}/webhooks/outgoing/{webhook}/log`"""

    @operation(
        "listOutgoingLog",
        "The log of an outgoing webhook",
        query=OutgoingLogQuery,
        returns=OutgoingLog,
        errors=(Forbidden,),
    )
    def get(self, request: Request, chat: UUID, webhook: UUID) -> Response:
        """The events of the last seven days, at most a thousand, newest first."""
        form = decode_query(request, OutgoingLogQuery)
        before = cursors.decode(form.cursor, int) if form.cursor else None
        found = webhooks.log(person_id(request), chat, webhook, before=before, limit=form.limit + 1)
        items, next_ = cursors.page(found, form.limit, lambda each: each.number)
        return Response(OutgoingLog(items, next_))


class OutgoingDeliveryView(APIView):
    """`/chats/{chat}/webhooks/outgoing/{webhook}/log/{delivery}`"""

    @operation(
        "getOutgoingDelivery",
        "An event in the log",
        returns=webhooks.Delivery,
        errors=(Forbidden,),
    )
    def get(self, request: Request, chat: UUID, webhook: UUID, delivery: UUID) -> Response:
        """With what is sent, and the beginning of the response."""
        return Response(webhooks.entry(person_id(request), chat, webhook, delivery))

    @operation(
        "sendOutgoingAgain",
        "Send an event again",
        returns=AskedDelivery,
        status=(202,),
        errors=(ChatClosed, NotPossible),
        calls=actions.send_again,
    )
    def post(self, request: Request, chat: UUID, webhook: UUID, delivery: UUID) -> Response:
        """Once, with the same `webhook-id`. 409: its content was deleted."""
        actions.send_again(person_id(request), chat, webhook, delivery)
        return Response(AskedDelivery(delivery), status=202)
