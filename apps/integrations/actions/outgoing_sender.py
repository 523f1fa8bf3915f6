"""A worker's pass for outgoing webhooks: sends what is due, many at once.

The calling thread talks to the database; an event loop in a second thread talks to receivers. Each
webhook that is claimed has a turn of a few seconds, and each host a limited share of the turns: so
a receiver that hangs, or a busy chat, delays no other webhook. If a worker dies, its claims run
out, and what it was sending is sent again with the same `webhook-id`.
"""

import asyncio
import logging
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, wait
from datetime import timedelta
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from apps.chats.models import Chat
from apps.core.claims import claim
from apps.core.database import DATABASE_UNAVAILABLE, is_lock_conflict
from apps.core.draining import draining
from apps.core.event_loop_thread import event_loop_thread
from apps.core.runtime import runtime
from apps.core.task_wakeup import TaskWakeup
from apps.integrations.actions.outgoing_turns import (
    Sending,
    Step,
    end_turn,
    finish_step,
    next_step,
)
from apps.integrations.gateways.outgoing import MAX_ERROR_LENGTH, Attempt, post
from apps.integrations.models import OutgoingWebhook

logger = logging.getLogger(__name__)
wake = TaskWakeup("apps.integrations.tasks.send_webhooks")

MAX_IN_FLIGHT = 32
MAX_IN_FLIGHT_PER_HOST = 8
# How often to look for webhooks that are due while requests are in flight.
POLL_INTERVAL_S = 0.5
# The least time after a look that found all of them: with many webhooks, it costs more than a turn.
LOOK_INTERVAL_S = 0.25
# How long one pass begins turns, and how long a turn sends one event after the other.
PASS_S = 20.0
TURN_S = 5.0
# Parts of a chat's changes that are read in a turn before one has anything to send.
MAX_PARTS = 5
# Longer than a turn and its last request (`gateways.outgoing.REQUEST_TIMEOUT_S`).
LEASE = timedelta(seconds=40)


class _Turn(NamedTuple):
    row: OutgoingWebhook
    ends_at: float


class WebhookSender:
    """One pass: runs until nothing is due, or for PASS_S. `unfinished`: more is due."""

    def __init__(self, *, pass_s: float = PASS_S) -> None:
        self.unfinished = False
        self._pass_s = pass_s
        self._next_look = 0.0
        self._in_flight: dict[Future[Attempt], tuple[_Turn, Sending]] = {}

    def run(self) -> None:
        """Send what is due."""
        until = time.monotonic() + self._pass_s
        with event_loop_thread("webhooks") as self._loop:
            while True:
                self.unfinished = time.monotonic() > until or draining.is_set()
                may_begin = runtime.OUTGOING_WEBHOOKS and not self.unfinished
                begun = self._begin_turns() if may_begin else 0
                if not (begun or self._in_flight):
                    break
                self._go_on()

    def _begin_turns(self) -> int:
        if self._in_flight and time.monotonic() < self._next_look:
            return 0
        hosts = Counter(turn.row.host for turn, _ in self._in_flight.values())
        busy = [host for host, number in hosts.items() if number >= MAX_IN_FLIGHT_PER_HOST]
        free = min(MAX_IN_FLIGHT - len(self._in_flight), MAX_IN_FLIGHT_PER_HOST)
        rows = claim(claimable(busy), limit=free, lease=LEASE) if free else []
        if len(rows) < free:
            self._next_look = time.monotonic() + LOOK_INTERVAL_S
        for row in rows:
            self._step(_Turn(row, time.monotonic() + TURN_S))
        return len(rows)

    def _step(self, turn: _Turn) -> None:
        """Begin to send the next event of a turn, if there is one."""
        for _ in range(MAX_PARTS):
            try:
                found = next_step(turn.row)
            except DATABASE_UNAVAILABLE as error:
                # Without PostgreSQL all others would wait for it, too. After a lock timeout the
                # claim runs out.
                if not is_lock_conflict(error):
                    raise
                return
            except Exception as error:  # one bad webhook must not stop the rest
                logger.exception("an event cannot be made: webhook %s", turn.row.id)
                finish_step(turn.row, None, _failed(error), goes_on=False)
                return
            if isinstance(found, Sending):
                future = asyncio.run_coroutine_threadsafe(post(found.request), self._loop)
                self._in_flight[future] = turn, found
                return
            if found is Step.OVER:
                return
        end_turn(turn.row)

    def _go_on(self) -> None:
        """Record what has been sent, and go on with these turns."""
        done, _ = wait(self._in_flight, timeout=POLL_INTERVAL_S, return_when=FIRST_COMPLETED)
        for future in done:
            turn, sent = self._in_flight.pop(future)
            has_time = time.monotonic() < turn.ends_at and not self.unfinished
            try:
                goes_on = finish_step(turn.row, sent.delivery, _result(future), goes_on=has_time)
            except DATABASE_UNAVAILABLE as error:
                if not is_lock_conflict(error):
                    raise
                continue
            except Exception:  # as above; its claim runs out
                logger.exception("an attempt cannot be recorded: webhook %s", turn.row.id)
                continue
            if goes_on:
                self._step(turn)


def _result(future: Future[Attempt]) -> Attempt:
    """What came of a request, also if the gateway failed in a way that nobody has thought of."""
    try:
        return future.result()
    except Exception as error:
        logger.exception("an event cannot be sent")
        return _failed(error)


def _failed(error: Exception) -> Attempt:
    return Attempt(error=repr(error)[:MAX_ERROR_LENGTH])


def claimable(busy: list[str]) -> "QuerySet[OutgoingWebhook]":
    """The webhooks whose turn is next, in order, without those of the hosts in `busy`: those with
    an event that waits, or whose chat has changed since. What somebody asked for comes first. Those
    of a closed group rest until it is open again, as all that leads out of it does."""
    changed = Chat.objects.filter(
        Q(rev__gt=OuterRef("rev")) | Q(last_seq__gt=OuterRef("seq")), id=OuterRef("chat_id")
    )
    active = Q(state=OutgoingWebhook.State.ACTIVE, due_at__lte=Now())
    due = Q(has_asked=True) | (active & (Q(has_waiting=True) | Q(Exists(changed))))
    is_open = Exists(Chat.objects.filter(id=OuterRef("chat_id"), closed_reason=""))
    rows = OutgoingWebhook.objects.filter(due, is_open).exclude(host__in=busy)
    return rows.order_by("-has_asked", "due_at", "id")
