"""API of a chat's timeline."""

from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.chats.actions.group_commit import group_commit
from apps.chats.actions.messages import validated_send
from apps.chats.actions.receipts import Receipt, move_positions
from apps.chats.api.schemas import (
    ChangesPage,
    ChangesQuery,
    HistoryQuery,
    MessagePage,
    NewMessage,
    NewReceipts,
)
from apps.chats.models import Chat
from apps.chats.queries import changes, history
from apps.chats.queries.access import get_membership
from apps.core.authentication import person_id
from apps.core.errors import (
    AgainstRules,
    ChatClosed,
    Empty,
    FileGone,
    Held,
    Invalid,
    NewAccount,
    NotContacts,
    Refused,
    RefusedByPlugin,
    Slowed,
    TooLong,
    TooManyHeld,
)
from apps.core.limits import SENDS
from apps.core.runtime import runtime
from apps.wire import bodies, events
from apps.wire.http import decode, decode_query
from apps.wire.openapi import operation


class TooFarBack(Refused):
    """There are more changes than one response can hold."""

    code = "gap"
    status = 410
    detail = "There are too many changes. Read the newest page of history instead."


class Messages(APIView):
    """`/chats/{chat}/messages`"""

    @operation("listMessages", "A page of history", query=HistoryQuery, returns=MessagePage)
    def get(self, request: Request, chat: UUID) -> Response:
        """Entries before, after or around a seq, from a day on, or the newest."""
        query = decode_query(request, HistoryQuery)
        return Response(_page(get_membership(person_id(request), chat).chat, query))

    @operation(
        "sendMessage",
        "Send a message",
        body=NewMessage,
        returns=bodies.Message,
        status=(200, 201),
        errors=(
            ChatClosed,
            NotContacts,
            Slowed,
            Empty,
            TooLong,
            FileGone,
            NewAccount,
            AgainstRules,
            RefusedByPlugin,
            Held,
            TooManyHeld,
        ),
        limits=(SENDS,),
    )
    def post(self, request: Request, chat: UUID) -> Response:
        """201 for a new message, 200 for a repeated client id. `held`: it is stored and waits for a
        moderator (`GET /scheduled` has it). Do not send it again."""
        person = person_id(request)
        form = decode(request, NewMessage)
        sent = group_commit.send(
            validated_send(
                sender=person,
                chat=chat,
                client_id=form.client_id,
                text=form.text,
                reply_to=form.reply_to,
                files=form.files,
            )
        )
        [entry] = history.around(chat, seq=sent.seq, limit=1)
        return Response(entry, status=200 if sent.repeated else 201)


class Changes(APIView):
    """`/chats/{chat}/changes`"""

    @operation(
        "listChanges",
        "What changed since a revision",
        query=ChangesQuery,
        returns=ChangesPage,
        errors=(TooFarBack,),
    )
    def get(self, request: Request, chat: UUID) -> Response:
        """Each entry once, at its newest revision."""
        query = decode_query(request, ChangesQuery)
        # Read the head first, and leave out newer changes: a change that commits between the reads
        # could otherwise be included while an earlier one is missing.
        head = get_membership(person_id(request), chat).chat.rev
        missed = changes.since({chat: query.since}).get(chat)
        if missed is None:
            return Response(ChangesPage([], query.since))
        if not missed.complete:
            raise TooFarBack
        found = [
            p.event.message
            for p in missed.publications
            if isinstance(p.event, events.MessageChanged) and p.event.rev <= head
        ]
        return Response(ChangesPage(found, max(query.since, min(head, missed.rev))))


class Receipts(APIView):
    """`/receipts`"""

    @operation(
        "moveReceipts",
        "Move my positions forward",
        body=NewReceipts,
        returns=None,
        status=(204,),
        calls=move_positions,
    )
    def post(self, request: Request) -> Response:
        """Ignores positions that go back, and chats that the person is not in."""
        form = decode(request, NewReceipts)
        receipts = [Receipt(p.chat, p.read, p.delivered) for p in form.positions]
        move_positions(person_id(request), receipts, visible=form.visible)
        return Response(status=204)


def _page(chat: Chat, query: HistoryQuery) -> MessagePage:
    asked = [n for n in ("before", "after", "around", "on") if getattr(query, n) is not None]
    if len(asked) > 1:
        raise Invalid("Ask for one of before, after, around and on.", pointer=f"#/{asked[1]}")
    limit = min(query.limit, runtime.HISTORY_PAGE)
    anchor = query.around
    if query.on is not None:
        anchor = history.first_on(chat.id, day=query.on, time_zone=_zone(query.tz))
    if anchor is not None:
        anchor = max(anchor, chat.kept_from)
        items = history.around(chat.id, seq=anchor, limit=limit)
    elif query.before is not None:
        items = history.before(chat.id, seq=query.before, limit=limit)
    elif query.after is not None:
        items = history.after(chat.id, seq=query.after, limit=limit)
    else:
        items = history.newest(chat.id, limit=limit)
    return MessagePage(items, last_seq=chat.last_seq, rev=chat.rev, anchor=anchor)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid("There is no such time zone.", pointer="#/tz") from None
