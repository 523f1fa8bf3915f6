"""Tickets for live connections over HTTP."""

from msgspec import Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.actions import tickets
from apps.core.authentication import person_id, session_key
from apps.core.errors import NotFound
from apps.wire.openapi import operation


class NewTicket(Struct, frozen=True):
    """Connect to `/ws?ticket=…` or `/api/v1/events/stream?ticket=…` within `expires_in` seconds."""

    ticket: str
    expires_in: int


class TicketsView(APIView):
    """`/tickets`"""

    @operation(
        "createTicket",
        "Get a ticket for a live connection",
        returns=NewTicket,
        status=(201,),
        errors=(NotFound,),
        calls=tickets.issue,
    )
    def post(self, request: Request) -> Response:
        """For apps that cannot set headers there. It works once, and the connection belongs to this
        app. A browser with a session needs none, and gets 404."""
        ticket = tickets.issue(person_id(request), session_key=session_key(request))
        return Response(
            NewTicket(ticket, tickets.TTL_S), status=201, headers={"Cache-Control": "no-store"}
        )
