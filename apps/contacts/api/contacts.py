"""Contacts over the API."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.contacts.actions import contacts as actions
from apps.contacts.queries import contacts
from apps.core import cursors
from apps.core.authentication import person_id
from apps.core.errors import Empty, Greeted, NewAccount, NotPossible, Slowed, TooLong
from apps.wire import bodies
from apps.wire.http import Cursor, Input, PageLimit, decode, decode_query
from apps.wire.openapi import operation

Action = Callable[[UUID, UUID], bodies.Contact]
# By verb: the action and what it does.
ACTIONS: dict[str, tuple[Action, str]] = {
    "invite": (actions.invite, "Invite a person"),
    "accept": (actions.accept, "Accept an invitation"),
    "decline": (actions.decline, "Decline an invitation"),
    "cancel": (actions.cancel, "Cancel my invitation"),
    "remove": (actions.remove, "Remove a contact"),
    "block": (actions.block, "Block a person"),
    "unblock": (actions.unblock, "Unblock a person"),
}


class ContactsQuery(Input, frozen=True):
    """A page of contacts, of one state or of all."""

    state: Annotated[
        Literal["outgoing", "incoming", "contact", "blocked"] | None,
        Meta(description="Only contacts of this state."),
    ] = None
    cursor: Cursor = ""
    limit: PageLimit = 200


class Contacts(Struct, frozen=True):
    """A page of the asker's contacts, invitations in both directions, and blocked people."""

    items: list[bodies.Contact]
    next: str | None


class ContactsView(APIView):
    """`/contacts`"""

    @operation("listContacts", "My contacts", query=ContactsQuery, returns=Contacts)
    def get(self, request: Request) -> Response:
        """Oldest first, with their `state`."""
        query = decode_query(request, ContactsQuery)
        place = cursors.decode(query.cursor, tuple[datetime, UUID]) if query.cursor else None
        found = contacts.page(
            person_id(request), state=query.state, after=place, limit=query.limit + 1
        )
        items, following = cursors.page(found, query.limit, lambda c: (c.since, c.person.id))
        return Response(Contacts(items, following))


class Greeting(Input, frozen=True):
    """What to say with an invitation: up to 500 characters."""

    text: str


class GreetingView(APIView):
    """`/contacts/{person}/greeting`"""

    @operation(
        "greetContact",
        "Say something with my invitation",
        body=Greeting,
        returns=bodies.Contact,
        errors=(NotPossible, Greeted, Empty, TooLong, Slowed, NewAccount),
        calls=actions.greet,
    )
    def put(self, request: Request, person: UUID) -> Response:
        """While the invitation waits, once a day. It becomes the first message of the chat when the
        invitation is accepted."""
        text = decode(request, Greeting).text
        return Response(actions.greet(person_id(request), person, text))


def contact_action(verb: str) -> type[APIView]:
    """The view of `/contacts/{person}/{verb}`."""
    action, summary = ACTIONS[verb]

    class ContactActionView(APIView):
        @operation(
            f"{verb}Contact",
            summary,
            returns=bodies.Contact,
            errors=(NotPossible, NewAccount) if verb == "invite" else (NotPossible,),
            calls=action,
        )
        def post(self, request: Request, person: UUID) -> Response:
            """Returns the contact as the asker now sees it. Takes no body."""
            return Response(action(person_id(request), person))

    return ContactActionView
