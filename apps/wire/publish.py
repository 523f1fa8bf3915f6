"""`publish`: queue events inside the transaction; they leave after COMMIT, or never.

Sinks get each committed batch, in the order of the calls. They carry hints: events that a sink
loses are healed from PostgreSQL by revision, so a sink must never raise into its caller.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Literal
from uuid import UUID

from django.db import transaction
from msgspec import Struct

from apps.wire.events import Event

logger = logging.getLogger(__name__)
Stream = Literal["chat", "person"]


class Effect(Struct, frozen=True, tag_field="effect"):
    """Base of effects: what an event changes in the hub, besides being sent."""


class JoinChat(Effect, frozen=True, tag="join"):
    """The person's connections listen to this chat from `rev` on."""

    chat: UUID
    rev: int


class LeaveChat(Effect, frozen=True, tag="leave_chat"):
    """The person's connections stop listening to the chat right after this event.

    Both streams carry it: the chat's, so that no later event of the chat reaches the person, and
    the person's own.
    """

    chat: UUID
    person: UUID


class Watch(Effect, frozen=True, tag="watch"):
    """The person's connections start (`on`) or stop receiving another person's presence."""

    person: UUID
    on: bool


class EndSessions(Effect, frozen=True, tag="end"):
    """Close the person's connections: all, or those of one web session."""

    session: str | None = None


AnyEffect = JoinChat | LeaveChat | Watch | EndSessions


class Publication(Struct, frozen=True):
    """One event for one stream. `rev` None: state without a revision, or an effect alone. `trace`:
    the W3C trace context of the change, if it is traced.

    `follows` is the revision before this one (normally `rev - 1`). `ephemeral`: state that soon
    expires, the first to be dropped for a slow connection. `without`: the people who do not get an
    ephemeral event.
    """

    stream: Stream
    to: UUID
    event: Event | None
    rev: int | None = None
    follows: int | None = None
    effect: AnyEffect | None = None
    ephemeral: bool = False
    without: frozenset[UUID] = frozenset()
    trace: str = ""


Sink = Callable[[list[Publication]], None]
sinks: list[Sink] = []


def publish(publications: Iterable[Publication]) -> None:
    """Pass `publications` to every sink once the current transaction commits.

    Outside a transaction they leave at once. A rollback drops them.
    """
    batch = list(publications)
    if batch:
        # Robust: a failure after COMMIT must not skip later hooks, nor reach a caller, which would
        # take the committed change for a refused one.
        transaction.on_commit(lambda: _deliver(batch), robust=True)


def _deliver(batch: list[Publication]) -> None:
    for sink in sinks:
        try:
            sink(batch)
        except Exception:
            logger.exception("a sink failed; its listeners are healed by revision")
