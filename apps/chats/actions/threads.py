"""Counts the replies of a thread on its first message (decision 0079).

A send counts itself (`send_statement.WRITE`); whatever takes a reply away or brings it back counts
all of the thread again.
"""

from collections.abc import Collection
from uuid import UUID

from django.db import connection
from django.db.models import Count, Max

from apps.chats.actions.chat_change import ChatChange
from apps.chats.models import Message
from apps.chats.queries import message_rows
from apps.core.reads import bigints
from apps.wire import bodies

FIRST_MESSAGES = f"""
SELECT k.chat_id, e.* FROM unnest(%(chats)s::uuid[], %(seqs)s::bigint[]) AS k (chat_id, seq)
CROSS JOIN LATERAL ({message_rows.SELECT} WHERE m.chat_id = k.chat_id AND m.seq = k.seq) e
"""  # noqa: S608  constants only


def first_messages(threads: Collection[tuple[UUID, int]]) -> list[tuple[UUID, bodies.Message]]:
    """The first message of each thread, a pair of chat and seq, with its chat."""
    chats, seqs = zip(*threads, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(FIRST_MESSAGES, {"chats": list(chats), "seqs": bigints(seqs)})
        return [(chat, message_rows.message(row)) for chat, *row in cursor.fetchall()]


def count_again(change: ChatChange, reply: Message) -> None:
    """Count the replies of the thread that `reply` is in, after it was taken away or brought back.
    Publishes the
    first message, unless retention deleted it. Under the chat's lock."""
    if reply.thread is None or reply.thread < change.chat.kept_from:
        return
    of_thread = Message.objects.filter(chat_id=change.chat.id, thread=reply.thread, deleted_at=None)
    change.change_message(
        reply.thread, **of_thread.aggregate(replies=Count("seq"), last_reply_at=Max("created_at"))
    )
