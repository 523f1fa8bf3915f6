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
  same statement under a lock that counts them in all chats (`_write_slowed`). Sends of others
  read more for it than two columns of rows that they read anyway.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple
from uuid import UUID

import psycopg
from django.db import connection, transaction
from msgspec import Struct
from msgspec.structs import replace

from apps.accounts.actions import slowdowns
from apps.chats.actions import (
    attachments,
    content_checks,
    drafts,
    holding,
    hooked,
    layouts,
    mentions,
    previews,
    threads,
)
from apps.chats.actions.chat_locks import LOCK_CHATS
from apps.chats.actions.push_candidates import AddedMessage, record_pushes
from apps.chats.actions.send_statement import (
    MAX_PREPARED_BATCH,
    MAY_MENTION_ALL,
    WRITE,
    Result,
    result_row,
)
from apps.chats.actions.validation import validate_text
from apps.chats.content_rules import content_rules
from apps.chats.message_hooks import WrittenMessage, tell_written
from apps.chats.queries.changes import publication
from apps.chats.queries.message_rows import QUOTED
from apps.core.errors import ChatClosed, FileGone, Held, NotContacts, NotFound, Refused, Slowed
from apps.core.graphemes import cut
from apps.core.identifiers import new_id
from apps.core.metrics import SENDS
from apps.core.reads import bigints, numbered
from apps.core.round_trips import one_round_trip
from apps.core.tracing import tracing
from apps.wire import bodies
from apps.wire.publish import Publication, publish

REFUSALS: dict[str, type[Refused]] = {
    "not_found": NotFound,
    "not_contacts": NotContacts,
    "closed": ChatClosed,
    "no_file": FileGone,
    "slowed": Slowed,
}


class SendRequest(Struct, frozen=True):
    """One message to send. Create it with `validated_send`. `approved`: a moderator allowed its
    text, which rules then do not hold. `trace`: its W3C trace context, if it is traced.
    `layout`: how it is drawn, if a program wrote it."""

    sender: UUID
    chat: UUID
    client_id: UUID
    text: str
    reply_to: int | None = None
    files: Sequence[UUID] = ()
    approved: bool = False
    trace: str = ""
    layout: bodies.Layout | None = None


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
    """A send with a checked text, which may be empty beside files. `layout` is made by this server,
    and not checked. Raises Empty, TooLong or Invalid."""
    checked = validate_text(text, may_be_empty=bool(files))
    unique = attachments.unique(files)
    trace = tracing.current() if tracing.on else ""
    return SendRequest(
        *(sender, chat, client_id, checked, reply_to, unique), trace=trace, layout=layout
    )


class BatchItem(NamedTuple):
    """A send of a batch, the mentions and files in it, and its result. `wait_s`: after how many
    seconds a slowed send may be repeated."""

    send: SendRequest
    mentioned: mentions.Mentions
    files: attachments.Files
    result: Result
    wait_s: float | None = None


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
        batch = _write(unique, lock_timeout_ms) if unique else []
        added = [item for item in batch if item.result.outcome == "accepted"]
        # Those of `_write_slowed` have later numbers than those after them.
        added.sort(key=lambda item: item.result.rev)
        layouts.store((i.send.chat, i.result.seq, i.send.layout) for i in added if i.send.layout)
        publish(_publications(added))
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
            _added_message(item)
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


def _write(sends: list[SendRequest], lock_timeout_ms: int | None) -> list[BatchItem]:
    mentioned = mentions.resolve([(send.chat, send.text) for send in sends])
    files = attachments.resolve([(send.sender, send.files) for send in sends])
    with one_round_trip(result_row, lock_timeout_ms=lock_timeout_ms) as (lock, write):
        lock.execute(numbered(LOCK_CHATS), [list({send.chat for send in sends})], prepare=True)
        write.execute(
            numbered(WRITE),
            _parameters(sends, mentioned, files, is_turn=False),
            prepare=len(sends) <= MAX_PREPARED_BATCH,
            binary=True,
        )
        results = write.fetchall()
    batch = list(map(BatchItem, sends, mentioned, files, results))
    if any(item.result.outcome == "slowed" for item in batch):
        return _write_slowed(batch)
    return batch


def _write_slowed(batch: list[BatchItem]) -> list[BatchItem]:
    """Write those of the slowed sends whose senders may send now, at most one of each. Returns the
    batch with their results, and with the time that the others have to wait."""
    slowed = {i: item for i, item in enumerate(batch) if item.result.outcome == "slowed"}
    turns = slowdowns.lock_turns({item.send.sender for item in slowed.values()})
    now: dict[int, BatchItem] = {}
    for i, item in slowed.items():
        turn = turns.get(item.send.sender)
        if turn is not None and turn.wait_s > 0:
            batch[i] = item._replace(wait_s=turn.wait_s)
            continue
        now[i] = item
        if turn is not None:
            turns[item.send.sender] = turn._replace(wait_s=turn.interval_s)
    if now:
        sends, mentioned, files, *_ = zip(*now.values(), strict=True)
        with (
            connection.wrap_database_errors,
            psycopg.RawCursor(connection.connection, row_factory=result_row) as write,
        ):
            parameters = _parameters(sends, mentioned, files, is_turn=True)
            write.execute(numbered(WRITE), parameters, prepare=False, binary=True)
            for (i, item), result in zip(now.items(), write.fetchall(), strict=True):
                batch[i] = item._replace(result=result)
        slowdowns.note_sent({send.sender for send in sends})
    return batch


def _parameters(
    sends: Sequence[SendRequest],
    mentioned: Sequence[mentions.Mentions],
    files: Sequence[attachments.Files],
    *,
    is_turn: bool,
) -> list[object]:
    """Those of `WRITE`. `is_turn`: slowed senders may send these."""
    return [
        [send.chat for send in sends],
        [send.sender for send in sends],
        [send.client_id for send in sends],
        [new_id() for _ in sends],
        [send.text for send in sends],
        bigints(send.reply_to for send in sends),
        [each.as_array for each in mentioned],
        [each.mentions_all for each in mentioned],
        [each.as_json for each in files],
        MAY_MENTION_ALL,
        is_turn,
    ]


def _outcome(item: BatchItem) -> Sent | Refused:
    send, result = item.send, item.result
    if result.outcome in REFUSALS:
        return REFUSALS[result.outcome](retry_after=item.wait_s)
    repeated = result.outcome == "repeated"
    return Sent(send.chat, result.seq, result.rev, result.id, result.at, repeated)


def _added_message(item: BatchItem) -> AddedMessage:
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


def _publications(added: Sequence[BatchItem]) -> list[Publication]:
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
