"""API of the files and links of a chat."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.chats.actions import link_index
from apps.chats.queries import attachments, message_links
from apps.chats.queries.access import get_membership
from apps.core import cursors
from apps.core.authentication import person_id
from apps.wire import bodies
from apps.wire.bodies import FileKind
from apps.wire.http import Cursor, Input, PageLimit, PageQuery, decode_query
from apps.wire.openapi import operation

FilesOf = Literal["pictures", "documents", "voice"]
KINDS: dict[FilesOf, list[FileKind]] = {
    "pictures": ["image", "video"],
    "documents": ["document", "file", "audio"],
    "voice": ["voice"],
}


class ChatFilesQuery(Input, frozen=True):
    """A page of messages with files of some kinds: `pictures` are images and videos, `documents`
    all that is neither a picture nor a voice message."""

    of: Annotated[FilesOf, Meta(description="Which files.")] = "pictures"
    cursor: Cursor = ""
    limit: PageLimit = 50


class ChatFilesPage(Struct):
    """Messages with files, newest first; `next` is the cursor of the next page."""

    items: list[bodies.Message]
    next: str | None


class ChatFiles(APIView):
    """`/chats/{chat}/files`"""

    @operation("listChatFiles", "Files of a chat", query=ChatFilesQuery, returns=ChatFilesPage)
    def get(self, request: Request, chat: UUID) -> Response:
        """The messages that have them, newest first."""
        query = decode_query(request, ChatFilesQuery)
        get_membership(person_id(request), chat)
        found = attachments.with_files(
            chat,
            KINDS[query.of],
            before=cursors.decode(query.cursor, int) if query.cursor else None,
            limit=query.limit + 1,
        )
        items, following = cursors.page(found, query.limit, lambda message: message.seq)
        return Response(ChatFilesPage(items, following))


class ChatLinksPage(Struct):
    """Links in messages, newest first; `next` is the cursor of the next page."""

    items: list[bodies.MessageLink]
    next: str | None


class ChatLinks(APIView):
    """`/chats/{chat}/message-links`"""

    @operation(
        "listChatLinks",
        "Links in the messages of a chat",
        query=PageQuery,
        returns=ChatLinksPage,
    )
    def get(self, request: Request, chat: UUID) -> Response:
        """Those of the newest messages first; at most 50 of each message."""
        query = decode_query(request, PageQuery)
        get_membership(person_id(request), chat)
        link_index.catch_up([chat])
        found = message_links.newest(
            chat,
            before=cursors.decode(query.cursor, message_links.LinkPlace) if query.cursor else None,
            limit=query.limit + 1,
        )
        rows, following = cursors.page(found, query.limit, lambda row: row[0])
        return Response(ChatLinksPage([link for _, link in rows], following))
