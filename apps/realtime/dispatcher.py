"""Dispatches commands to the same actions that the API and the pages call."""

import asyncio
import logging
from collections.abc import Callable
from typing import Literal, ParamSpec, TypeVar
from uuid import UUID

from django.db import Error

from apps.accounts.scopes import check_command
from apps.chats.actions.gathered_receipts import gathered_receipts
from apps.chats.actions.group_commit import group_commit
from apps.chats.actions.messages import Sent, validated_send
from apps.chats.actions.receipts import Receipt, Report
from apps.chats.queries.access import pair_of
from apps.contacts.queries.people import blocks_of
from apps.core import limits
from apps.core.database import refusal_of
from apps.core.errors import NotContacts, NotFound, RateLimited, Refused, Unavailable
from apps.core.metrics import ACKS
from apps.core.token_bucket import TokenBucket
from apps.core.tracing import tracing
from apps.realtime.connection import Connection
from apps.realtime.database import in_database
from apps.realtime.envelope import envelopes
from apps.realtime.handlers import execute
from apps.realtime.resume import resume
from apps.realtime.server import Server
from apps.wire import commands, events
from apps.wire.close_codes import CloseCode
from apps.wire.codec import decode, ref_of
from apps.wire.limits import MAX_FRAME_BYTES
from apps.wire.publish import Publication

logger = logging.getLogger(__name__)
P = ParamSpec("P")
R = TypeVar("R")

# Disconnect clients that ignore rate limits. Refusals decay, since a connection can live for weeks.
MAX_REFUSALS = 200
REFUSALS_FORGIVEN_PER_S = 1


class Dispatcher:
    """Executes the commands of one connection in order."""

    __slots__ = ("_connection", "_pairs", "_refusals", "_report", "_server")

    # Whether the client's next commands wait until these have been replied to.
    _awaits_replies = False

    def __init__(self, server: Server, connection: Connection) -> None:
        self._server = server
        self._connection = connection
        self._refusals = TokenBucket(rate=REFUSALS_FORGIVEN_PER_S, size=MAX_REFUSALS)
        # The two people of each direct chat in which this connection typed; empty for a group.
        self._pairs: dict[UUID, frozenset[UUID]] = {}
        # The outcome of the newest report of this connection; those of a person keep their order.
        self._report: asyncio.Future[None] | None = None

    async def handle(self, frame: str) -> None:
        """Execute the command in `frame` and reply. Never raises for a client's fault."""
        if not frame or len(frame) > MAX_FRAME_BYTES:
            self._connection.outgoing.close(CloseCode.PROTOCOL)
            return
        if self._server.ending:
            # Not executed: the client repeats it elsewhere.
            self._refuse(ref_of(frame), Unavailable())
            return
        ref = None
        self._server.commands += 1
        try:
            command = decode(frame)
            ref = command.ref
            if self._connection.scopes is not None:
                check_command(self._connection.scopes, commands.type_of(command))
            if isinstance(command, commands.Send):
                self._traced_send(command) if tracing.on else self._send(command)
            else:
                await self._execute(command)
        except Refused as refusal:
            self._refuse(ref or ref_of(frame), refusal)
        except Error as error:
            self._refuse(ref, refusal_of(error))
        except Exception:
            logger.exception("a command failed")
            self._refuse(ref, Unavailable())
        finally:
            self._server.commands -= 1

    def _traced_send(self, command: commands.Send) -> None:
        # By POST, the request has a span already.
        with tracing.span("send", tracing.current(), "SERVER"):
            self._send(command)

    def _send(self, command: commands.Send) -> None:
        connection = self._connection
        if not connection.resumed:
            raise ResumeFirst
        send = validated_send(
            sender=connection.person,
            chat=command.chat,
            client_id=command.client_id,
            text=command.text,
            reply_to=command.reply_to,
            files=command.files,
        )
        group_commit.submit(send, acknowledge, (connection, command.ref))

    async def _execute(self, command: commands.Command) -> None:
        connection = self._connection
        limits.check(limits.COMMANDS, connection.person)
        if isinstance(command, commands.Resume):
            await self._resume(command)
        elif not connection.resumed:
            raise ResumeFirst
        elif isinstance(command, commands.Typing):
            await self._typing(command)
        elif isinstance(command, commands.Receipts):
            self._receipts(command)
        elif isinstance(command, commands.SetPresence):
            away = command.state == "away"
            self._server.presence.connected.set_away(connection, away=away)
            connection.send(events.Ack(ref=command.ref))
        else:
            if isinstance(command, commands.ChatMarks) and self._report is not None:
                # Carried out later, the report would take the mark "unread" away again.
                await asyncio.wait([self._report])
            connection.send(await self._in_database(execute, connection.person, command))

    async def _in_database(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return await in_database(work, *args, **kwargs)

    def _receipts(self, command: commands.Receipts) -> None:
        receipts = [Receipt(each.chat, each.read, each.delivered) for each in command.positions]
        report = Report(self._connection.person, receipts, command.visible)
        done = self._server.loop.create_future()
        gathered_receipts.submit(report, acknowledge_report, (self._connection, command.ref, done))
        self._report = done
        if self._awaits_replies:
            gathered_receipts.start_at_once()

    async def _resume(self, command: commands.Resume) -> None:
        connection = self._connection
        connection.resuming = True
        try:
            contacts = await resume(self._server.hub, connection, command)
            if not connection.outgoing.closed:
                await self._server.presence.watchers.watch(connection, contacts)
        finally:
            connection.resuming = False
        connection.send(events.Synced())
        connection.send(events.Ack(ref=command.ref))

    async def _check_may_type(self, chat: UUID) -> None:
        """Raise NotFound unless the person is a member: only members listen. Raise NotContacts in a
        direct chat with somebody who is no contact: a connection watches exactly the contacts."""
        feed = self._server.hub.feeds.get(chat)
        if feed is None or self._connection not in feed.listeners:
            raise NotFound
        if (pair := self._pairs.get(chat)) is None:
            # The pair never changes: ask PostgreSQL once per connection and chat.
            pair = self._pairs[chat] = await self._in_database(pair_of, chat)
        if pair - {self._connection.person} - self._connection.watched:
            raise NotContacts

    async def _typing(self, command: commands.Typing) -> None:
        # Typing expires by itself, so it is not written to PostgreSQL.
        await self._check_may_type(command.chat)
        connection = self._connection
        try:
            limits.check(limits.TYPING, (connection.person, command.chat))
        except RateLimited:
            pass  # Acknowledge it anyway: members still see that the person is typing.
        else:
            event = events.TypingNow(chat=command.chat, person=connection.person)
            without = frozenset() if self._pairs.get(command.chat) else await self._blocked()
            publication = Publication("chat", command.chat, event, ephemeral=True, without=without)
            self._server.deliver(envelopes([publication]))
        connection.send(events.Ack(ref=command.ref))

    async def _blocked(self) -> frozenset[UUID]:
        """The people whom the person blocked or who blocked the person: what they see of each other
        in a common group are messages only."""
        connection = self._connection
        while (blocked := connection.blocked) is None:
            changes = connection.contact_changes
            found = await self._in_database(blocks_of, connection.person)
            if changes == connection.contact_changes:
                connection.blocked = found
        return blocked

    def _refuse(self, ref: str | None, refusal: Refused) -> None:
        if self._refusals.acquire():
            self._connection.outgoing.close(CloseCode.TOO_MANY)
            return
        self._connection.send(_error(ref, refusal))


class ResumeFirst(Refused):
    """The first command on a connection must be `resume`."""

    code = "resume_first"
    status = 409
    detail = "The first command on a connection is `resume`."


Outcome = Sent | Literal[True] | Refused


def acknowledge(pairs: list[tuple[tuple[Connection, str], Outcome]]) -> None:
    """Reply to commands of this process's connections that were gathered; called after COMMIT."""
    if pairs:
        loop = pairs[0][0][0].outgoing.loop
        loop.call_soon_threadsafe(_reply, pairs)


def acknowledge_report(
    pairs: list[tuple[tuple[Connection, str, asyncio.Future[None]], Outcome]],
) -> None:
    """As `acknowledge`, for reports, with the future that waits for their outcome."""
    if pairs:
        loop = pairs[0][0][0].outgoing.loop
        loop.call_soon_threadsafe(_reply_to_report, pairs)


def _reply_to_report(
    pairs: list[tuple[tuple[Connection, str, asyncio.Future[None]], Outcome]],
) -> None:
    _reply([((connection, ref), outcome) for (connection, ref, _), outcome in pairs])
    for (_, _, done), _ in pairs:
        done.set_result(None)


def _reply(pairs: list[tuple[tuple[Connection, str], Outcome]]) -> None:
    refused = sum(isinstance(outcome, Refused) for _, outcome in pairs)
    ACKS.labels("receipts" if pairs[0][1] is True else "send").inc(len(pairs) - refused)
    logs = logger.isEnabledFor(logging.DEBUG)
    for (connection, ref), outcome in pairs:
        if isinstance(outcome, Sent):
            if logs:
                ids = {"connection": connection.id, "message_id": outcome.id, "chat": outcome.chat}
                logger.debug("message %d is committed", outcome.seq, extra={"ids": ids})
            connection.send(
                events.Ack(
                    ref=ref,
                    chat=outcome.chat,
                    seq=outcome.seq,
                    rev=outcome.rev,
                    id=outcome.id,
                    at=outcome.at,
                )
            )
        elif isinstance(outcome, Refused):
            connection.send(_error(ref, outcome))
        else:
            connection.send(events.Ack(ref=ref))


def _error(ref: str | None, refusal: Refused) -> events.Error:
    return events.Error(
        code=refusal.code,  # type: ignore[arg-type]  # every code of core.errors is an ErrorCode
        detail=refusal.detail,
        ref=ref,
        retry_after=refusal.retry_after,
    )
