"""Contacts over the API."""

from collections.abc import Callable
from uuid import UUID

from msgspec import Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.contacts.actions import contacts as actions
from apps.contacts.queries import contacts
from apps.core.authentication import person_id
from apps.wire import bodies
from apps.wire.openapi import operation

ACTIONS: dict[str, Callable[[UUID, UUID], bodies.Contact]] = {
    "invite": actions.invite,
    "accept": actions.accept,
    "decline": actions.decline,
    "cancel": actions.cancel,
    "remove": actions.remove,
    "block": actions.block,
    "unblock": actions.unblock,
}


class Contacts(Struct, frozen=True):
    """The asker's contacts, invitations in both directions, and blocked people."""

    items: list[bodies.Contact]


class ContactsView(APIView):
    """`/contacts`"""

    @operation("My contacts", returns=Contacts)
    def get(self, request: Request) -> Response:
        """All of them, with their `state`."""
        return Response(Contacts(items=contacts.list_for(person_id(request))))


class ContactActionView(APIView):
    """`/contacts/{person}/{verb}`, one path for each verb."""

    verb = ""

    @operation(
        "Invite, accept, decline, cancel, remove, block or unblock a person",
        returns=bodies.Contact,
        problem=(404, 409),
    )
    def post(self, request: Request, person: UUID) -> Response:
        """Returns the contact as the asker now sees it. Takes no body."""
        return Response(ACTIONS[self.verb](person_id(request), person))
