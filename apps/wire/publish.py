"""`publish`: hand events over inside the transaction; they leave after COMMIT, or never.

Sinks are told of each committed batch, in the order of the calls. They carry hints: whatever a
sink loses is healed from PostgreSQL by position, so a sink must never raise into its caller.
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
    """Base: what an event means to the server's own subscriptions."""


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
    """The person's connections are (or are no longer) told of another's presence."""

    person: UUID
    on: bool


class EndSessions(Effect, frozen=True, tag="end"):
    """Close the person's connections: all, or those of one web session."""

    session: str | None = None


AnyEffect = JoinChat | LeaveChat | Watch | EndSessions


class Publication(Struct, frozen=True):
    """One event for one stream. `rev` None: state, or a control without an event.

    `follows` is the revision this one continues from (normally `rev - 1`). `ephemeral`: state that
    is soon over, the first thing to be dropped when somebody is too slow.
    """

    stream: Stream
    to: UUID
    event: Event | None
    rev: int | None = None
    follows: int | None = None
    effect: AnyEffect | None = None
    ephemeral: bool = False


Sink = Callable[[list[Publication]], None]
sinks: list[Sink] = []


def publish(publications: Iterable[Publication]) -> None:
    """Queue `publications` for every sink once the current transaction commits.

    Outside a transaction they leave at once; a rollback silences them.
    """
    batch = list(publications)
    if batch:
        # Robust: whatever fails after COMMIT must not skip the hooks behind it, nor reach a caller
        # who would take the committed change for a refused one.
        transaction.on_commit(lambda: _deliver(batch), robust=True)


def _deliver(batch: list[Publication]) -> None:
    for sink in sinks:
        try:
            sink(batch)
        except Exception:
            logger.exception("a sink failed; its listeners are healed by position")
