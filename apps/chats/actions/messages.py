"""Sending: writes the text messages of a batch of sends in one transaction.

`group_commit` gathers the sends that arrive together and calls `send_batch` (decision 0001). System
entries of a timeline ("joined", "renamed") are written by `chat_change`, also under the chat's
lock. A batch is correct because:

- chats are locked in id order, so two batches never deadlock on them;
- membership, contact and whether the account is open are read after the lock, in the same
  transaction;
- repeated sends are removed before numbers are assigned, so a retry leaves no gap;
- a refused send does not affect the others;
- the sends of people whom moderators slowed down are set apart, and written by a second run of the
  same statement under a lock that counts them in all chats (`send_writer`). Sends of others only
  read two more columns of rows that they read anyway.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import connection, transaction
from msgspec import Struct

from apps.chats.actions import (
    attachments,
    content_checks,
    drafts,
    holding,
    hooked,
    layouts,
    previews,
)
from apps.chats.actions.push_candidates import record_pushes
from apps.chats.actions.send_writer import BatchItem, SendRequest, write_batch
from apps.chats.actions.sent_messages import added_message, publications
from apps.chats.actions.validation import validate_text
from apps.chats.content_rules import content_rules
from apps.chats.message_hooks import WrittenMessage, tell_written
from apps.core.errors import ChatClosed, FileGone, Held, NotContacts, NotFound, Refused, Slowed
from apps.core.metrics import SENDS
from apps.core.tracing import tracing
from apps.wire import bodies
from apps.wire.publish import publish

REFUSALS: dict[str, type[Refused]] = {
    "not_found": NotFound,
    "not_contacts": NotContacts,
    "closed": ChatClosed,
    "no_file": FileGone,
    "slowed": Slowed,
}


class Sent(Struct, frozen=True):
    """The position of a committed message; `repeated` if an earlier send had committed it."""

    chat: UUID
    seq: int
    rev: int
    id: UUID
    at: datetime
    repeated: bool


def validated_send(
    *,
    sender: UUID,
    chat: UUID,
    client_id: UUID,
    text: str,
    reply_to: int | None = None,
    files: Sequence[UUID] = (),
    layout: bodies.Layout | None = None,
) -> SendRequest:
    """A send with a checked text, which may be empty if there are files. `layout` is made by this
    server, and not checked. Raises Empty, TooLong or Invalid."""
    checked = validate_text(text, may_be_empty=bool(files))
    unique = attachments.unique(files)
    trace = tracing.current() if tracing.on else ""
    return SendRequest(
        *(sender, chat, client_id, checked, reply_to, unique), trace=trace, layout=layout
    )


def send_batch(
    sends: Sequence[SendRequest], *, lock_timeout_ms: int | None = None
) -> list[Sent | Refused]:
    """Commit `sends` together and return one outcome for each, in the same order.

    `lock_timeout_ms` limits each wait for a lock more tightly than the connection does. Refusals
    are returned. Only errors that concern the whole batch are raised: the database is unavailable,
    or a row stays locked.
    """
    # Keep the first of repeated sends, in its place, so that a sender's messages keep their order.
    firsts: dict[content_checks.SendKey, SendRequest] = {}
    for send in sends:
        firsts.setdefault(_key(send), send)
    asked = hooked.ask(firsts)
    firsts = asked.sends
    refused, held, flagged = content_checks.check(
        (key, _judged(send), send.approved)
        for key, send in firsts.items()
        if key not in asked.refused
    )
    refused |= asked.refused
    unique = [send for key, send in firsts.items() if key not in refused and key not in held]
    with transaction.atomic():
        batch = write_batch(unique, lock_timeout_ms) if unique else []
        added = [item for item in batch if item.result.outcome == "accepted"]
        # Those of slowed people have later numbers than those after them.
        added.sort(key=lambda item: item.result.rev)
        layouts.store((i.send.chat, i.result.seq, i.send.layout) for i in added if i.send.layout)
        publish(publications(added))
        attachments.attach((i.send.chat, i.result.seq, i.files.bodies) for i in added)
        for key, rules in held.items():
            refused[key] = _hold(firsts[key], rules, lock_timeout_ms)
        gone = [i.send for i in added if i.result.drafted or _key(i.send) in asked.originals]
        waiting = [firsts[key] for key in held if isinstance(refused[key], Held)]
        gone += waiting
        drafts.clear_sent(
            (send.sender, send.chat, asked.originals.get(_key(send), send.text), send.reply_to)
            for send in gone
        )
        if flagged:
            content_checks.flag(
                (i.send.chat, i.result.seq, flagged.get(_key(i.send), ())) for i in added
            )
        previews.request_previews(
            (i.send.chat, i.result.seq, i.send.text)
            for i in added
            if layouts.has_previews(i.send.layout)
        )
        record_pushes(
            added_message(item)
            for item in added
            if item.result.reachable or item.result.attentive or item.result.awaited
        )
        for sender in {send.sender for send in waiting}:
            content_rules().tell_held(sender, True)
        tell_written(
            WrittenMessage(i.send.sender, i.send.chat, i.result.seq, i.send.text, i.send.reply_to)
            for i in added
        )
    outcomes = [_outcome(item) for item in batch]
    if len(unique) != len(sends):
        known = dict(zip(map(_key, unique), outcomes, strict=True)) | refused
        outcomes = [known[_key(send)] for send in sends]
    # The caller may have begun the transaction.
    transaction.on_commit(partial(_count, outcomes, len(added)), robust=True)
    return outcomes


def _count(outcomes: Sequence[Sent | Refused], committed: int) -> None:
    refused = sum(isinstance(outcome, Refused) for outcome in outcomes)
    SENDS.labels("committed").inc(committed)
    SENDS.labels("repeated").inc(len(outcomes) - committed - refused)
    SENDS.labels("refused").inc(refused)


def _key(send: SendRequest) -> content_checks.SendKey:
    return send.chat, send.sender, send.client_id


def _judged(send: SendRequest) -> str:
    """What rules read: also the name that a program gives itself."""
    return f"{send.layout.name}\n{send.text}" if send.layout and send.layout.name else send.text


def _hold(send: SendRequest, rules: Collection[int], lock_timeout_ms: int | None) -> Refused:
    """Store a message that waits for a moderator. Returns Held, or why it cannot be sent at all."""
    if lock_timeout_ms is not None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {lock_timeout_ms:d}")
    try:
        return holding.hold(
            send.sender,
            send.chat,
            client_id=send.client_id,
            text=send.text,
            reply_to=send.reply_to,
            files=send.files,
            rules=rules,
            layout=send.layout,
        )
    except Refused as refusal:
        return refusal


def _outcome(item: BatchItem) -> Sent | Refused:
    send, result = item.send, item.result
    if result.outcome in REFUSALS:
        return REFUSALS[result.outcome](retry_after=item.wait_s)
    repeated = result.outcome == "repeated"
    return Sent(send.chat, result.seq, result.rev, result.id, result.at, repeated)
