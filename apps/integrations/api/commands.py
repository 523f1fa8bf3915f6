"""Commands such as `/status` over the API."""

from uuid import UUID

from django.utils.translation import override
from msgspec import Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.queries.profiles import get_active_user
from apps.chats.queries import history
from apps.core.authentication import person_id
from apps.core.errors import (
    AgainstRules,
    ChatClosed,
    Empty,
    Forbidden,
    Held,
    NewAccount,
    NotContacts,
    NotPossible,
    Slowed,
    TooLong,
    TooManyHeld,
    UnknownCommand,
)
from apps.core.limits import SENDS
from apps.integrations.actions import notes as note_actions
from apps.integrations.actions.run_command import run_command
from apps.integrations.queries import commands, notes
from apps.wire import bodies
from apps.wire.http import Input, decode
from apps.wire.openapi import operation


class Commands(Struct, frozen=True):
    """The commands of a chat."""

    items: list[bodies.SlashCommand]


class Notes(Struct, frozen=True):
    """Answers of commands that only the reader sees."""

    items: list[bodies.Note]


class NewRun(Input, frozen=True):
    """`text` begins with a slash and the name of a command."""

    client_id: UUID
    text: str
    reply_to: int | None = None


class CommandRun(Struct, frozen=True):
    """What the command has answered so far. Both null: nothing, or it comes later."""

    message: bodies.Message | None
    note: bodies.Note | None


class CommandsView(APIView):
    """`/chats/{chat}/commands`"""

    @operation("listCommands", "Commands of a chat", returns=Commands)
    def get(self, request: Request, chat: UUID) -> Response:
        """Those that I can run here, in my language, by name."""
        me = person_id(request)
        with override(get_active_user(me).locale):
            return Response(Commands(commands.of_chat(me, chat)))

    @operation(
        "runCommand",
        "Run a command",
        body=NewRun,
        returns=CommandRun,
        calls=run_command,
        limits=(SENDS,),
        errors=(
            UnknownCommand,
            Forbidden,
            NotPossible,
            NotContacts,
            ChatClosed,
            Empty,
            TooLong,
            Slowed,
            NewAccount,
            AgainstRules,
            Held,
            TooManyHeld,
        ),
    )
    def post(self, request: Request, chat: UUID) -> Response:
        """A repeated client id does nothing twice. What another server answers comes later, as a
        message or as a note. Commands may fail with other errors of what they do."""
        me = person_id(request)
        form = decode(request, NewRun)
        ran = run_command(
            me, chat, client_id=form.client_id, text=form.text, reply_to=form.reply_to
        )
        message = None
        if ran.sent is not None:
            [message] = history.around(chat, seq=ran.sent.seq, limit=1)
        note = None if ran.note is None else notes.body(ran.note)
        return Response(CommandRun(message, note))


class NotesView(APIView):
    """`/chats/{chat}/notes`"""

    @operation("listNotes", "Answers of commands", returns=Notes)
    def get(self, request: Request, chat: UUID) -> Response:
        """Those of the last day that only I see, the oldest first."""
        return Response(Notes(notes.of_chat(person_id(request), chat)))


class NoteView(APIView):
    """`/chats/{chat}/notes/{note}`"""

    @operation(
        "dismissNote",
        "Dismiss an answer",
        returns=None,
        status=(204,),
        calls=note_actions.dismiss_note,
    )
    def delete(self, request: Request, chat: UUID, note: UUID) -> Response:
        """On all my devices. One that is gone already is as good."""
        note_actions.dismiss_note(person_id(request), chat, note)
        return Response(status=204)
