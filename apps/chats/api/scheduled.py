"""API of scheduled messages."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.chats.actions import held
from apps.chats.actions import scheduled as actions
from apps.chats.api.schemas import Files
from apps.chats.queries import scheduled as queries
from apps.core.authentication import person_id
from apps.core.errors import Empty, FileGone, NotContacts, NotFound, NotPossible, TooLong
from apps.wire import bodies
from apps.wire.http import Input, decode
from apps.wire.openapi import operation

Moment = Annotated[datetime, Meta(tz=True)]


class NewScheduled(Input, frozen=True):
    """A message to send at `due_at`: a text, files, or both. A repeated `client_id` returns the
    first one."""

    chat: UUID
    client_id: UUID
    due_at: Moment
    text: str = ""
    files: Files = []
    reply_to: Annotated[int, Meta(ge=1, le=2**53 - 1)] | None = None


class ScheduledUpdate(Input, frozen=True):
    """A new text or time, or other files; fields that are left out stay unchanged."""

    text: str | None = None
    files: Files | None = None
    due_at: Moment | None = None


class ScheduledMessages(Struct, frozen=True):
    """Messages that wait, also for a moderator (`held`), or failed, by due time."""

    items: list[bodies.Scheduled]


class AllScheduled(APIView):
    """`/scheduled`"""

    @operation("listScheduledMessages", "My scheduled messages", returns=ScheduledMessages)
    def get(self, request: Request) -> Response:
        """Those that wait, also for a moderator, or failed."""
        return Response(ScheduledMessages(queries.of_person(person_id(request))))

    @operation(
        "scheduleMessage",
        "Schedule a message",
        body=NewScheduled,
        returns=bodies.Scheduled,
        status=(201,),
        errors=(
            NotFound,
            NotContacts,
            Empty,
            TooLong,
            FileGone,
            NotPossible,
        ),
        calls=actions.schedule,
    )
    def post(self, request: Request) -> Response:
        """It is sent within seconds of its time, or fails with a reason. Its files are kept until
        then, and count for their owners."""
        form = decode(request, NewScheduled)
        row = actions.schedule(
            person_id(request),
            form.chat,
            client_id=form.client_id,
            text=form.text,
            due_at=form.due_at,
            reply_to=form.reply_to,
            files=form.files,
        )
        return Response(queries.body(row), status=201)


class OneScheduled(APIView):
    """`/scheduled/{id}`"""

    @operation(
        "updateScheduledMessage",
        "Change a message that waits or failed",
        body=ScheduledUpdate,
        returns=bodies.Scheduled,
        errors=(
            Empty,
            TooLong,
            FileGone,
            NotPossible,
        ),
        calls=actions.reschedule,
    )
    def patch(self, request: Request, scheduled_id: UUID) -> Response:
        """409 when the message is sent or being sent, or a file is gone."""
        form = decode(request, ScheduledUpdate)
        row = actions.reschedule(
            person_id(request),
            scheduled_id,
            text=form.text,
            due_at=form.due_at,
            files=form.files,
        )
        return Response(queries.body(row))

    @operation(
        "cancelScheduledMessage",
        "Cancel a scheduled message",
        returns=None,
        status=(204,),
        errors=(NotPossible,),
        calls=actions.cancel,
    )
    def delete(self, request: Request, scheduled_id: UUID) -> Response:
        """409 when the message is sent or being sent."""
        actions.cancel(person_id(request), scheduled_id)
        return Response(status=204)


class WithdrawnMessage(APIView):
    """`/scheduled/{id}/withdraw`"""

    @operation(
        "withdrawHeldMessage",
        "Withdraw a message that waits for a moderator",
        returns=None,
        status=(204,),
        errors=(NotPossible,),
        calls=held.withdraw,
    )
    def post(self, request: Request, scheduled_id: UUID) -> Response:
        """409 when a moderator has decided, or it does not wait for one."""
        held.withdraw(person_id(request), scheduled_id)
        return Response(status=204)
