"""Commands to actions: what a connection asks for is carried out by the same functions that the
API and the pages call."""

import logging
from uuid import UUID

from django.db import Error

from apps.chats.actions.group_commit import group_commit
from apps.chats.actions.messages import Sent, checked
from apps.chats.actions.waiting import Outcome
from apps.chats.queries.access import pair_of
from apps.core import limits
from apps.core.bucket import Bucket
from apps.core.database import refusal_of
from apps.core.errors import NotContacts, NotFound, RateLimited, Refused, Unavailable
from apps.realtime.connection import Session
from apps.realtime.database import in_database
from apps.realtime.envelope import deliveries
from apps.realtime.handlers import carry_out
from apps.realtime.resume import resume
from apps.realtime.server import Server
from apps.wire import commands, events
from apps.wire.close_codes import CloseCode
from apps.wire.codec import decode, ref_of
from apps.wire.limits import FRAME_BYTES
from apps.wire.publish import Publication

logger = logging.getLogger(__name__)

# Who asks on and on after being told to wait is not a person. A refusal is forgotten in time: a
# connection may last for weeks.
MOST_REFUSALS = 200
FORGOTTEN_PER_SECOND = 1


class Dispatch:
    """Carries out the commands of one connection, in their order."""

    def __init__(self, server: Server, session: Session) -> None:
        self._server = server
        self._session = session
        self._patience = Bucket(rate=FORGOTTEN_PER_SECOND, size=MOST_REFUSALS)
        # The two people of each direct chat in which this connection typed; of a group, none.
        self._pairs: dict[UUID, frozenset[UUID]] = {}

    async def handle(self, frame: str) -> None:
        """Carry out the command in `frame` and answer it; never raises for what a client did."""
        if not frame or len(frame) > FRAME_BYTES:
            self._session.outgoing.close(CloseCode.PROTOCOL)
            return
        ref = None
        try:
            command = decode(frame)
            ref = command.ref
            if isinstance(command, commands.Send):
                self._send(command)
            else:
                await self._other(command)
        except Refused as refusal:
            self._refuse(ref or ref_of(frame), refusal)
        except Error as error:
            self._refuse(ref, refusal_of(error))
        except Exception:
            logger.exception("a command failed")
            self._refuse(ref, Unavailable())

    def _send(self, command: commands.Send) -> None:
        session = self._session
        if not session.resumed:
            raise ResumeFirst
        send = checked(
            sender=session.person,
            chat=command.chat,
            client_id=command.client_id,
            text=command.text,
            reply_to=command.reply_to,
        )
        group_commit.submit(send, acknowledge, (session, command.ref))

    async def _other(self, command: commands.Command) -> None:
        session = self._session
        limits.check(limits.COMMANDS, session.person)
        if isinstance(command, commands.Resume):
            await self._resume(command)
        elif not session.resumed:
            raise ResumeFirst
        elif isinstance(command, commands.Typing):
            await self._typing(command)
        elif isinstance(command, commands.SetPresence):
            self._server.presence.move(session, away=command.state == "away")
            session.send(events.Ack(ref=command.ref))
        else:
            session.send(await in_database(carry_out, session.person, command))

    async def _resume(self, command: commands.Resume) -> None:
        session = self._session
        session.resuming = True
        try:
            people = await resume(self._server.hub, session, command)
            if not session.outgoing.closed:
                await self._server.presence.watch(session, people)
        finally:
            session.resuming = False
        session.send(events.Synced())
        session.send(events.Ack(ref=command.ref))

    async def _check_may_type(self, chat: UUID) -> None:
        """Raise NotFound unless the chat is theirs: only members listen. Raise NotContacts in a
        direct chat out of touch: a connection watches exactly the person's contacts."""
        feed = self._server.hub.feeds.get(chat)
        if feed is None or self._session not in feed.listeners:
            raise NotFound
        if (pair := self._pairs.get(chat)) is None:
            # Who the two are never changes: PostgreSQL is asked once a connection and chat.
            pair = self._pairs[chat] = await in_database(pair_of, chat)
        if pair - {self._session.person} - self._session.watched:
            raise NotContacts

    async def _typing(self, command: commands.Typing) -> None:
        # State that expires by itself: it is not written to PostgreSQL.
        await self._check_may_type(command.chat)
        session = self._session
        try:
            limits.check(limits.TYPING, (session.person, command.chat))
        except RateLimited:
            pass  # Acknowledged all the same: the members still see that the person is typing.
        else:
            event = events.TypingNow(chat=command.chat, person=session.person)
            told = Publication("chat", command.chat, event, fleeting=True)
            self._server.take(deliveries([told]))
        session.send(events.Ack(ref=command.ref))

    def _refuse(self, ref: str | None, refusal: Refused) -> None:
        if self._patience.take():
            self._session.outgoing.close(CloseCode.TOO_MANY)
            return
        self._session.send(_error(ref, refusal))


class ResumeFirst(Refused):
    """The first command on a connection is `resume`."""

    code = "resume_first"
    status = 409
    detail = "The first command on a connection is `resume`."


def acknowledge(pairs: list[tuple[tuple[Session, str], Outcome]]) -> None:
    """Answer sends of this process's connections; called by group commit after COMMIT."""
    if pairs:
        loop = pairs[0][0][0].outgoing.loop
        loop.call_soon_threadsafe(_answer, pairs)


def _answer(pairs: list[tuple[tuple[Session, str], Outcome]]) -> None:
    for (session, ref), outcome in pairs:
        if isinstance(outcome, Sent):
            session.send(
                events.Ack(
                    ref=ref,
                    chat=outcome.chat,
                    seq=outcome.seq,
                    rev=outcome.rev,
                    id=outcome.id,
                    at=outcome.at,
                )
            )
        else:
            session.send(_error(ref, outcome))


def _error(ref: str | None, refusal: Refused) -> events.Error:
    return events.Error(
        code=refusal.code,  # type: ignore[arg-type]  # every code of core.errors is an ErrorCode
        detail=refusal.detail,
        ref=ref,
        retry_after=refusal.retry_after,
    )
