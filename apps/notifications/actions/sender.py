"""Sends claimed deliveries to push hosts, many at once, so that a slow host delays no other.

The calling thread talks to the database; an event loop in a second thread talks to the hosts. The
claim is committed before anything is sent. If a worker dies, its claims expire and other workers
claim the deliveries again.
"""

import asyncio
import logging
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from apps.core.carried_traces import carried
from apps.core.claims import claim
from apps.core.database import DATABASE_UNAVAILABLE, database_outages, is_lock_conflict
from apps.core.draining import draining
from apps.core.event_loop_thread import event_loop_thread
from apps.core.tracing import tracing
from apps.notifications.actions import payloads, results
from apps.notifications.actions.fan_out import release_due
from apps.notifications.actions.payloads import CLAIM_LEASE, Notices, PushRequest, RetryLater
from apps.notifications.gateways import gateway
from apps.notifications.gateways.base import Outcome, SendResult
from apps.notifications.models import Delivery, Subscription

if TYPE_CHECKING:
    from opentelemetry.trace import Span

logger = logging.getLogger(__name__)

MAX_IN_FLIGHT = 64
# A host that hangs holds this many places and no more.
MAX_IN_FLIGHT_PER_HOST = 16
# How often to look for newly due deliveries while others are in flight.
POLL_INTERVAL_S = 0.5
# How long one pass claims new work. Under a load that never ends the pass must still end, because
# abandoned deliveries are only ended after it.
MAX_PASS_S = 20.0
# A gateway is cancelled after this time. Gateways have shorter limits of their own. The claim
# (CLAIM_LEASE) lasts longer, so that the worker that claimed a delivery also records its result.
SEND_TIMEOUT_S = 10.0
# How long the end of a pass waits for a gateway that ignores the cancellation.
SHUTDOWN_TIMEOUT_S = 15.0


class PushSender:
    """Sends pushes until none is due or in flight, or until `max_pass_s` have passed.

    What is in flight then is waited for. `unfinished` says that more is due.
    """

    def __init__(self, *, max_pass_s: float = MAX_PASS_S) -> None:
        self.unfinished = False
        self._max_pass_s = max_pass_s
        self._in_flight: dict[Future[SendResult], PushRequest] = {}
        # Of traced messages, by delivery.
        self._spans: dict[UUID, Span] = {}

    def run(self) -> int:
        """Send what is due. Returns the number of attempts."""
        with event_loop_thread("push") as self._loop:
            attempts = self._send_due()
            self._finish_all()
            results.end_abandoned()
            return attempts

    def _send_due(self) -> int:
        attempts = 0
        until = time.monotonic() + self._max_pass_s
        while not self.unfinished:
            released = _release_due()
            claimed = self._claim_and_start()
            attempts += len(claimed)
            if not (released or claimed or self._in_flight):
                break
            self._record_finished()
            self.unfinished = time.monotonic() > until or draining.is_set()
        return attempts

    def _finish_all(self) -> None:
        deadline = time.monotonic() + SHUTDOWN_TIMEOUT_S
        while self._in_flight and time.monotonic() < deadline:
            self._record_finished()
        for request in self._in_flight.values():
            # The gateway blocks the loop or ignores its cancellation. Leaving the block waits
            # for it, and the watchdog (chatproject/watchdog.py) ends the process there. The push
            # is tried again.
            logger.error("gateway %s does not return", request.gateway)
            _record(request.delivery, SendResult(Outcome.LATER))

    def _record_finished(self) -> None:
        done, _ = wait(self._in_flight, timeout=POLL_INTERVAL_S, return_when=FIRST_COMPLETED)
        for future in done:
            row, result = self._in_flight.pop(future).delivery, future.result()
            _record(row, result)
            ids = {"push": row.push_id, "chat": row.push.chat_id}
            logger.debug("delivery %s: %s", row.id, result.outcome.name, extra={"ids": ids})
            self._end_trace(row, result)

    def _end_trace(self, row: Delivery, result: SendResult) -> None:
        if (span := self._spans.pop(row.id, None)) is not None:
            span.set_attribute("parley.outcome", result.outcome.name.lower())
            span.end()

    def _claim_and_start(self) -> list[Delivery]:
        hosts = Counter(request.delivery.host for request in self._in_flight.values())
        busy = [host for host, number in hosts.items() if number >= MAX_IN_FLIGHT_PER_HOST]
        free = min(MAX_IN_FLIGHT - len(self._in_flight), MAX_IN_FLIGHT_PER_HOST)
        claimed = claim(claimable(busy), limit=free, lease=CLAIM_LEASE) if free else []
        notices: Notices = {}
        for row in claimed:
            try:
                self._start(row, notices)
            except RetryLater:
                _record(row, SendResult(Outcome.LATER))
            except DATABASE_UNAVAILABLE as error:
                # Without PostgreSQL each of the others would wait for it, too. After a lock
                # timeout the claim expires, and the delivery is tried again.
                if not is_lock_conflict(error):
                    raise
            except Exception:  # one bad delivery must not stop the rest
                logger.exception("a push cannot be made: delivery %s", row.id)
                _record(row, SendResult(Outcome.LATER))
        return claimed

    def _start(self, row: Delivery, notices: Notices) -> None:
        devices = Subscription.objects.all()
        device = devices.filter(id=row.subscription_id).first() if row.subscription_id else None
        if device is None:
            results.record(row, SendResult(Outcome.GONE))
            return
        request = payloads.prepare(row, device, notices)
        if request is None:
            results.drop(row)
            return
        sending = asyncio.run_coroutine_threadsafe(_send(request), self._loop)
        self._in_flight[sending] = request
        if tracing.on:
            self._trace(row)

    def _trace(self, row: Delivery) -> None:
        if parent := carried(f"{row.push.chat_id}:{row.push.last_seq}"):
            attributes = {"parley.push": str(row.push_id), "parley.kind": row.kind}
            self._spans[row.id] = tracing.begin(
                "push", parent, kind="CLIENT", attributes=attributes
            )


def _release_due() -> int:
    """As `release_due`; 0 when a lock stood in the way. A later look releases those pushes."""
    try:
        return release_due()
    except DATABASE_UNAVAILABLE as error:
        if not is_lock_conflict(error):
            raise
        return 0


def claimable(busy: list[str]) -> "results.Deliveries":
    """Due deliveries in order: each device gets its oldest first. Leaves out hosts in `busy`."""
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING, due_at__lte=Now())
    wanted = Q(kind=Delivery.Kind.CLEAR) | Q(push__open=True)
    # A delivery whose push has been read since still blocks the device's next one while a worker
    # sends it. It does not when that worker died, or when no worker will send it any more.
    live = wanted | Q(claimed_at__gt=Now() - CLAIM_LEASE)
    before = waiting.filter(
        live, subscription_id=OuterRef("subscription_id"), created_at__lt=OuterRef("created_at")
    )
    # A delivery that used up its attempts because its workers died is parked by `end_abandoned`.
    tried = Q(attempt__gte=results.MAX_ATTEMPTS)
    rows = waiting.exclude(tried).filter(wanted, ~Exists(before), subscription_id__isnull=False)
    # `select_related` locks the push with its delivery. So a read commits either before the claim
    # looks or after the claim has committed, never in between.
    return rows.exclude(host__in=busy).select_related("push").order_by("due_at", "created_at")


async def _send(request: PushRequest) -> SendResult:
    """Hand a request to its gateway. Never raises, and ends within SEND_TIMEOUT_S."""
    try:
        async with asyncio.timeout(SEND_TIMEOUT_S):
            return await gateway(request.gateway).send(
                request.destination,
                request.payload,
                topic=request.topic,
                ttl_s=request.ttl_s,
                urgent=request.urgent,
            )
    except TimeoutError:
        logger.warning(
            "gateway %s was cancelled after %g s: delivery %s",
            request.gateway,
            SEND_TIMEOUT_S,
            request.delivery.id,
        )
    except Exception:  # a gateway that the settings no longer name, or that raises
        logger.exception("a push cannot be sent: delivery %s", request.delivery.id)
    return SendResult(Outcome.LATER)


def _record(row: Delivery, result: SendResult) -> None:
    """Record a result. If that fails, the claim expires and the delivery is tried again."""
    try:
        results.record(row, result)
    except DATABASE_UNAVAILABLE as error:
        database_outages.failed(error)
    except Exception:
        logger.exception("the result of a push cannot be recorded: delivery %s", row.id)
