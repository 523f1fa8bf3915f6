"""Group commit: sends that arrive while the previous batch commits are committed together
(`gathering`). A locked chat delays only itself. A retry with the same client id is the same
message."""

import logging
from collections.abc import Sequence
from concurrent.futures import Future
from uuid import UUID

from django.db import close_old_connections

from apps.chats.actions import hooked
from apps.chats.actions.chat_locks import try_lock_chats
from apps.chats.actions.gathering import OUTCOME_TIMEOUT_S, Gatherer
from apps.chats.actions.messages import Sent, send_batch
from apps.chats.actions.pending import OutcomeCallback
from apps.chats.actions.send_writer import SendRequest
from apps.chats.actions.traced_sends import send_traced
from apps.chats.content_rules import content_rules
from apps.core import limits
from apps.core.errors import Refused, Unavailable
from apps.core.tracing import tracing

logger = logging.getLogger(__name__)
Outcome = Sent | Refused


class SendBatches:
    """Sends, by chat."""

    name = "group-commit"

    def key_of(self, request: SendRequest) -> UUID:
        """The chat."""
        return request.chat

    def size_of(self, request: SendRequest) -> int:
        """The length of the text."""
        return len(request.text)

    def prepare(self, requests: Sequence[SendRequest]) -> None:
        """Read changed rules about texts, every few seconds at most, and ask plugins now: `write`
        may run under locks."""
        content_rules().refresh()
        hooked.ask_early(requests)

    def write(self, requests: Sequence[SendRequest], *, lock_timeout_ms: int) -> list[Outcome]:
        """Write the messages."""
        write = send_traced if tracing.on else send_batch
        return write(requests, lock_timeout_ms=lock_timeout_ms)

    def try_lock(self, requests: Sequence[SendRequest]) -> set[UUID]:
        """Lock the chats that no other transaction has locked."""
        return try_lock_chats({send.chat for send in requests})


class GroupCommit(Gatherer[SendRequest, Sent]):
    """Gathers sends."""

    def __init__(self) -> None:
        super().__init__(SendBatches())

    def submit(self, request: SendRequest, callback: OutcomeCallback, token: object) -> None:
        """As for all requests. Raises RateLimited also when the sender has sent too much."""
        limits.check(limits.SENDS, request.sender)
        super().submit(request, callback, token)

    def send(self, send: SendRequest) -> Sent:
        """Queue `send` and wait until it is committed. Raises Refused."""
        future: Future[Outcome] = Future()
        self.submit(send, _set_results, future)
        # Return the request's connection to the pool while it waits.
        close_old_connections()
        try:
            outcome = future.result(OUTCOME_TIMEOUT_S + 1)
        except TimeoutError:
            raise Unavailable from None
        if isinstance(outcome, Refused):
            raise outcome
        ids = {"message_id": outcome.id, "chat": outcome.chat}
        logger.debug("message %d is committed", outcome.seq, extra={"ids": ids})
        return outcome


def _set_results(pairs: list[tuple[Future[Outcome], Outcome]]) -> None:
    for future, outcome in pairs:
        future.set_result(outcome)


group_commit = GroupCommit()
