"""Helpers to send and read messages in tests of chats."""

from collections.abc import Callable, Sequence
from itertools import count
from queue import Queue
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection

from apps.accounts.models import User
from apps.chats.actions.gathering import Gatherer
from apps.chats.actions.group_commit import GroupCommit
from apps.chats.actions.messages import Sent, send_batch, validated_send
from apps.chats.actions.send_writer import SendRequest
from apps.chats.models import Chat, Message
from apps.core.errors import Refused
from apps.core.identifiers import new_id

T = TypeVar("T")
_numbers = count(1)


def a_send(
    sender: User,
    chat: UUID,
    text: str = "",
    client_id: UUID | None = None,
    files: Sequence[UUID] = (),
) -> SendRequest:
    """A valid send, with a unique text by default."""
    return validated_send(
        sender=sender.id,
        chat=chat,
        client_id=client_id or new_id(),
        text=text or ("" if files else f"text {next(_numbers)}"),
        files=files,
    )


def write(
    sender: User,
    chat: UUID,
    text: str = "",
    client_id: UUID | None = None,
    files: Sequence[UUID] = (),
) -> Sent:
    """Send one message. Raises the refusal."""
    [answer] = send_batch([a_send(sender, chat, text, client_id, files)])
    if isinstance(answer, Refused):
        raise answer
    return answer


def write_many(sender: User, chat: UUID, amount: int) -> None:
    """Send `amount` messages "1", "2", ... in one batch."""
    send_batch([a_send(sender, chat, str(number)) for number in range(1, amount + 1)])


def timeline(chat: UUID) -> list[tuple[int, int, str]]:
    """(seq, rev, text) of all entries, in order."""
    entries = Message.objects.filter(chat_id=chat).order_by("seq")
    return list(entries.values_list("seq", "rev", "text"))


def heads(chat: UUID) -> tuple[int, int]:
    """last_seq and rev of a chat."""
    return Chat.objects.values_list("last_seq", "rev").get(id=chat)


def in_committing_thread(
    committer: Gatherer[Any, Any], work: Callable[[], T], *, nowhere: object = None
) -> T:
    """Call `work` in the committing thread, on its connection, after a request that changes
    nothing."""
    done: Queue[T] = Queue()
    request = nowhere or SendRequest(new_id(), new_id(), new_id(), "nowhere")
    committer.submit(request, lambda _: done.put(work()), None)
    return done.get(timeout=30)


def give_back_connection(committer: GroupCommit) -> None:
    """Let the committing thread close its connection, and wait: a database in use cannot be
    flushed."""
    in_committing_thread(committer, lambda: connection.close())
