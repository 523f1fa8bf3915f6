"""API of single messages: editing, reactions, pins, saving, threads; and of drafts."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.chats.actions import drafts, edits, reactions, saved
from apps.chats.api import group_schemas as schemas
from apps.chats.models import MessageEdit
from apps.chats.queries import drafts as draft_queries
from apps.chats.queries import history, message_rows, people
from apps.chats.queries import saved as saved_queries
from apps.chats.queries.access import get_membership
from apps.core import cursors
from apps.core.authentication import person_id
from apps.core.errors import (
    AgainstRules,
    ChatClosed,
    Conflict,
    Empty,
    Invalid,
    NewAccount,
    NotAsEdit,
    NotContacts,
    NotFound,
    NotPossible,
    RefusedByPlugin,
    TooLong,
)
from apps.wire import bodies
from apps.wire.http import PageQuery, decode, decode_query
from apps.wire.openapi import operation


class OneMessage(APIView):
    """`/chats/{chat}/messages/{seq}`"""

    @operation("getMessage", "One message", returns=bodies.Message)
    def get(self, request: Request, chat: UUID, seq: int) -> Response:
        """The message as it is now."""
        return Response(_message(request, chat, seq))

    @operation(
        "editMessage",
        "Edit my message",
        body=schemas.NewText,
        returns=bodies.Message,
        errors=(
            ChatClosed,
            NotContacts,
            Conflict,
            Empty,
            TooLong,
            AgainstRules,
            RefusedByPlugin,
            NotAsEdit,
            NewAccount,
        ),
        calls=edits.edit_message,
    )
    def patch(self, request: Request, chat: UUID, seq: int) -> Response:
        """Former texts are stored. 409 when the text was changed since `base_at`."""
        form = decode(request, schemas.NewText)
        edits.edit_message(person_id(request), chat, seq=seq, text=form.text, base_at=form.base_at)
        return Response(_message(request, chat, seq))

    @operation(
        "deleteMessage", "Delete a message", returns=None, status=(204,), calls=edits.delete_message
    )
    def delete(self, request: Request, chat: UUID, seq: int) -> Response:
        """Removes the text; the entry stays."""
        edits.delete_message(person_id(request), chat, seq=seq)
        return Response(status=204)


class FormerTexts(APIView):
    """`/chats/{chat}/messages/{seq}/edits`"""

    @operation(
        "listFormerTexts",
        "Former texts of a message",
        query=schemas.FormerTextsQuery,
        returns=schemas.FormerTexts,
    )
    def get(self, request: Request, chat: UUID, seq: int) -> Response:
        """The last 50 texts, oldest first."""
        query = decode_query(request, schemas.FormerTextsQuery)
        get_membership(person_id(request), chat)
        after = cursors.decode(query.cursor, int) if query.cursor else 0
        former = MessageEdit.objects.filter(chat_id=chat, seq=seq, version__gt=after)
        found = list(former.order_by("version")[: query.limit + 1])
        rows, following = cursors.page(found, query.limit, lambda row: row.version)
        texts = [schemas.FormerText(row.text, row.until) for row in rows]
        return Response(schemas.FormerTexts(texts, following))


class Reactions(APIView):
    """`/chats/{chat}/messages/{seq}/reactions`"""

    @operation(
        "listReactions",
        "Who reacted with an emoji",
        query=schemas.ReactionsQuery,
        returns=schemas.PeoplePage,
    )
    def get(self, request: Request, chat: UUID, seq: int) -> Response:
        """One page."""
        query = decode_query(request, schemas.ReactionsQuery)
        get_membership(person_id(request), chat)
        found = people.people_who_reacted(
            chat, seq, emoji=query.emoji, after=_place(query.cursor), limit=query.limit + 1
        )
        return Response(_page(found, query.limit))


class OneReaction(APIView):
    """`/chats/{chat}/messages/{seq}/reactions/{emoji}`"""

    @operation(
        "addReaction",
        "React",
        returns=None,
        status=(204,),
        errors=(
            Invalid,
            ChatClosed,
            NotContacts,
            NotPossible,
        ),
        calls=reactions.add_reaction,
    )
    def put(self, request: Request, chat: UUID, seq: int, emoji: str) -> Response:
        """Idempotent."""
        reactions.add_reaction(person_id(request), chat, seq=seq, emoji=emoji)
        return Response(status=204)

    @operation(
        "removeReaction",
        "Remove a reaction",
        returns=None,
        status=(204,),
        errors=(Invalid,),
        calls=reactions.remove_reaction,
    )
    def delete(self, request: Request, chat: UUID, seq: int, emoji: str) -> Response:
        """Idempotent."""
        reactions.remove_reaction(person_id(request), chat, seq=seq, emoji=emoji)
        return Response(status=204)


class Pin(APIView):
    """`/chats/{chat}/messages/{seq}/pin`"""

    @operation(
        "pinMessage",
        "Pin for all members",
        returns=None,
        status=(204,),
        errors=(
            ChatClosed,
            NotContacts,
            NotPossible,
        ),
        calls=edits.pin_message,
    )
    def put(self, request: Request, chat: UUID, seq: int) -> Response:
        """Idempotent."""
        edits.pin_message(person_id(request), chat, seq=seq, pinned=True)
        return Response(status=204)

    @operation(
        "unpinMessage",
        "Unpin for all members",
        returns=None,
        status=(204,),
        errors=(ChatClosed, NotContacts),
        calls=edits.pin_message,
    )
    def delete(self, request: Request, chat: UUID, seq: int) -> Response:
        """Idempotent."""
        edits.pin_message(person_id(request), chat, seq=seq, pinned=False)
        return Response(status=204)


class Pins(APIView):
    """`/chats/{chat}/pins`"""

    @operation("listPinnedMessages", "Pinned messages", returns=schemas.Messages)
    def get(self, request: Request, chat: UUID) -> Response:
        """Newest pin first."""
        get_membership(person_id(request), chat)
        return Response(schemas.Messages(history.pinned(chat, limit=edits.MAX_PINS)))


class Save(APIView):
    """`/chats/{chat}/messages/{seq}/saved`"""

    @operation(
        "saveMessage", "Save a message", returns=None, status=(204,), calls=saved.save_message
    )
    def put(self, request: Request, chat: UUID, seq: int) -> Response:
        """On all devices of the person."""
        saved.save_message(person_id(request), chat, seq=seq, saved=True)
        return Response(status=204)

    @operation(
        "unsaveMessage",
        "Remove a message from the saved ones",
        returns=None,
        status=(204,),
        calls=saved.save_message,
    )
    def delete(self, request: Request, chat: UUID, seq: int) -> Response:
        """On all devices of the person."""
        saved.save_message(person_id(request), chat, seq=seq, saved=False)
        return Response(status=204)


class SavedMessages(APIView):
    """`/saved`"""

    @operation(
        "listSavedMessages",
        "My saved messages",
        query=schemas.SavedQuery,
        returns=schemas.SavedMessageList,
    )
    def get(self, request: Request) -> Response:
        """Last saved first; only of chats that the person is still in."""
        query = decode_query(request, schemas.SavedQuery)
        place = cursors.decode(query.cursor, saved_queries.SavedPlace) if query.cursor else None
        found, following = saved_queries.messages_of(
            person_id(request), after=place, limit=query.limit
        )
        items = [schemas.SavedMessageItem(*item) for item in found]
        return Response(schemas.SavedMessageList(items, following and cursors.encode(following)))


class Thread(APIView):
    """`/chats/{chat}/messages/{seq}/thread`"""

    @operation("listThread", "Replies to a message", query=PageQuery, returns=schemas.Messages)
    def get(self, request: Request, chat: UUID, seq: int) -> Response:
        """The thread that started with the message, in order."""
        query = decode_query(request, PageQuery)
        get_membership(person_id(request), chat)
        after = cursors.decode(query.cursor, int) if query.cursor else 0
        found = history.thread(chat, root=seq, after_seq=after, limit=query.limit + 1)
        items, following = cursors.page(found, query.limit, lambda message: message.seq)
        return Response(schemas.Messages(items, following))


class Seen(APIView):
    """`/chats/{chat}/messages/{seq}/seen`"""

    @operation(
        "listSeenBy",
        "Who has seen a message",
        query=schemas.SeenQuery,
        returns=schemas.SeenPage,
    )
    def get(self, request: Request, chat: UUID, seq: int) -> Response:
        """One page of people: those who have seen it, have received it only, or have not. Those who
        do not share what they have seen count as having received it, and see nobody's."""
        query = decode_query(request, schemas.SeenQuery)
        found, times = people.people_by_receipt(
            chat,
            seq,
            query.state,
            asker=person_id(request),
            sender=_message(request, chat, seq).sender,
            after=_place(query.cursor),
            limit=query.limit + 1,
        )
        page = _page(found, query.limit)
        listed = {one.id: times[one.id] for one in page.items if one.id in times}
        return Response(schemas.SeenPage(page.items, page.next, listed))


class MyDrafts(APIView):
    """`/drafts`"""

    @operation("listDrafts", "My drafts", returns=schemas.Drafts)
    def get(self, request: Request) -> Response:
        """Of all chats; those without a text are left out."""
        return Response(schemas.Drafts(draft_queries.of_person(person_id(request))))


class ChatDraft(APIView):
    """`/chats/{chat}/draft`"""

    @operation(
        "saveDraft",
        "Save a draft",
        body=schemas.NewDraft,
        returns=None,
        status=(204,),
        errors=(
            TooLong,
            NotPossible,
        ),
        calls=drafts.save_draft,
    )
    def put(self, request: Request, chat: UUID) -> Response:
        """On all devices of the person."""
        form = decode(request, schemas.NewDraft)
        drafts.save_draft(
            person_id(request),
            chat,
            text=form.text,
            reply_to=form.reply_to,
            expected=form.expected,
        )
        return Response(status=204)


def _message(request: Request, chat: UUID, seq: int) -> bodies.Message:
    get_membership(person_id(request), chat)
    if (found := message_rows.one(chat, seq)) is None:
        raise NotFound
    return found


def _place(cursor: str) -> UUID | None:
    return cursors.decode(cursor, UUID) if cursor else None


def _page(found: list[bodies.Person], limit: int) -> schemas.PeoplePage:
    return schemas.PeoplePage(*cursors.page(found, limit, lambda person: person.id))
