"""What accepted sends become: entries of the timeline, publications, and candidates for pushes."""

from collections.abc import Sequence
from uuid import UUID

from msgspec.structs import replace

from apps.chats.actions import threads
from apps.chats.actions.push_candidates import AddedMessage
from apps.chats.actions.send_writer import BatchItem
from apps.chats.queries.changes import publication
from apps.chats.queries.message_rows import QUOTED
from apps.core.graphemes import cut
from apps.core.tracing import tracing
from apps.wire import bodies
from apps.wire.publish import Publication


def added_message(item: BatchItem) -> AddedMessage:
    """What decides who is notified of an accepted send."""
    send, mentioned, _, result, _ = item
    return AddedMessage(
        chat=send.chat,
        seq=result.seq,
        sender=send.sender,
        text=send.text,
        at=result.at,
        mentions=mentioned.people,
        mentions_all=result.mentions_all,
        reachable=result.reachable or (),
        attentive=result.attentive or (),
        awaited=result.awaited,
        trace=send.trace,
    )


def publications(added: Sequence[BatchItem]) -> list[Publication]:
    """Those of accepted sends and of the first messages of threads that they reply in."""
    told = [(item.send.chat, _entry(item)) for item in added]
    traces = (
        {(item.send.chat, item.result.seq): item.send.trace for item in added} if tracing.on else {}
    )
    answered = {(chat, entry.thread) for chat, entry in told if entry.thread is not None}
    if answered:
        told += threads.first_messages(answered)
        told.sort(key=lambda one: one[1].rev)
    found: list[Publication] = []
    last: dict[UUID, int] = {}
    for chat, entry in told:
        follows = last.get(chat, entry.rev - 1)
        each = publication(chat, entry, rev=entry.rev, follows=follows)
        if trace := traces.get((chat, entry.seq)):
            each = replace(each, trace=trace)
        found.append(each)
        last[chat] = entry.rev
    return found


def _entry(item: BatchItem) -> bodies.Message:
    send, mentioned, files, result, _ = item
    quote = None
    if send.reply_to is not None and result.quoted_sender is not None:
        quote = bodies.Quote(
            seq=send.reply_to,
            sender=result.quoted_sender,
            text=cut(result.quoted_text, QUOTED),
            file=result.quoted_file,
            deleted=result.quoted_deleted,
            hidden=result.quoted_hidden,
        )
    return bodies.Message(
        seq=result.seq,
        rev=result.rev,
        id=result.id,
        kind="text",
        sender=send.sender,
        client_id=send.client_id,
        text=send.text,
        at=result.at,
        reply_to=send.reply_to,
        thread=result.thread,
        quote=quote,
        mentions=mentioned.people,
        mentions_all=result.mentions_all,
        files=files.bodies,
        layout=send.layout,
    )
