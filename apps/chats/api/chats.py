"""API of a person's chats."""

from datetime import datetime
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.chats.actions.chat_settings import ChatSettings, set_chat_settings
from apps.chats.actions.direct import open_direct
from apps.chats.api.schemas import ChatPage, ChatsQuery, NewDirect, Positions
from apps.chats.queries import chat_list, positions
from apps.chats.queries.access import get_membership
from apps.core import cursors
from apps.core.authentication import person_id
from apps.core.errors import NotContacts, NotFound
from apps.wire import bodies
from apps.wire.etags import tagged
from apps.wire.http import decode, decode_query
from apps.wire.openapi import operation


class Chats(APIView):
    """`/chats`"""

    @operation("listChats", "My chats, newest activity first", query=ChatsQuery, returns=ChatPage)
    def get(self, request: Request) -> Response:
        """One page."""
        query = decode_query(request, ChatsQuery)
        place = cursors.decode(query.cursor, tuple[datetime, UUID]) if query.cursor else None
        filters = {name: getattr(query, name) for name in chat_list.FILTERS}
        found = chat_list.page(
            person_id(request), before=place, limit=query.limit + 1, filters=filters
        )
        items, following = cursors.page(found, query.limit, lambda chat: (chat.active_at, chat.id))
        return Response(ChatPage(items, following))


class DirectChat(APIView):
    """`/chats/direct`"""

    @operation(
        "openDirectChat",
        "Open the direct chat with a contact",
        body=NewDirect,
        returns=bodies.Chat,
        errors=(NotContacts,),
        calls=open_direct,
    )
    def post(self, request: Request) -> Response:
        """Creates the chat if it does not exist yet."""
        chat = open_direct(person_id(request), decode(request, NewDirect).person)
        return Response(_one(person_id(request), chat))


class OneChat(APIView):
    """`/chats/{chat}`"""

    @operation("getChat", "One of my chats", returns=bodies.Chat, etag=True)
    def get(self, request: Request, chat: UUID) -> Response:
        """The chat as the person sees it now."""
        return tagged(request, _one(person_id(request), chat))


class ChatMarks(APIView):
    """`/chats/{chat}/marks`"""

    @operation(
        "updateChatMarks",
        "Pin, archive, mute or mark as unread",
        body=ChatSettings,
        returns=bodies.Chat,
        calls=set_chat_settings,
    )
    def patch(self, request: Request, chat: UUID) -> Response:
        """Fields that are left out stay unchanged."""
        return Response(set_chat_settings(person_id(request), chat, decode(request, ChatSettings)))


class ChatPositions(APIView):
    """`/chats/{chat}/positions`"""

    @operation("listPositions", "Read and delivered positions", returns=Positions)
    def get(self, request: Request, chat: UUID) -> Response:
        """Of all members; `read` is 0 where it is not shared."""
        get_membership(person_id(request), chat)
        return Response(Positions(positions.of_chat(chat, reader=person_id(request))))


def _one(user_id: UUID, chat: UUID) -> bodies.Chat:
    found = chat_list.by_ids(user_id, [chat])
    if not found:
        raise NotFound
    return found[0]
