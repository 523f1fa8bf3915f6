"""Carrying deliveries to push hosts, many at once, so that a slow one holds up nobody else.

The calling thread talks to the database, a loop beside it to the hosts. A delivery is claimed and
the claim committed before anything is sent; what a dead worker had claimed is claimed again.
"""

import asyncio
import logging
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, wait

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from apps.core.claims import claim
from apps.core.database import AWAY, database, waited_for_lock
from apps.core.loops import loop_beside
from apps.notifications.actions import payloads, results
from apps.notifications.actions.fan_out import release_due
from apps.notifications.actions.payloads import CLAIM_LEASE, Notices, PushRequest, RetryLater
from apps.notifications.gateways import gateway
from apps.notifications.gateways.base import Outcome, SendResult
from apps.notifications.models import Delivery, Subscription

logger = logging.getLogger(__name__)

MAX_IN_FLIGHT = 64
# A host that hangs holds these places and no more.
MAX_IN_FLIGHT_PER_HOST = 16
# How often to look for what became due while something is in flight, in seconds.
POLL_INTERVAL_S = 0.5
# How long one pass takes up work, in seconds. Under a load that never ends it comes to its end all
# the same: what nobody is at work on is settled then.
MAX_PASS_S = 20.0
# How long a gateway may take for one push before it is cut off. Gateways have shorter limits of
# their own; the claim (CLAIM_LEASE) lasts longer, so that the worker that claimed a delivery also
# records it.
SEND_TIMEOUT_S = 10.0
# How long the end of a pass waits for a gateway that does not even let itself be cut off.
SHUTDOWN_TIMEOUT_S = 15.0


class PushSender:
    """Works until nothing is due and nothing in flight, or its time is over; then what is in
    flight comes to its end, and `unfinished` says that more is to be done."""

    def __init__(self, *, seconds: float = MAX_PASS_S) -> None:
        self.unfinished = False
        self._seconds = seconds
        self._flying: dict[Future[SendResult], PushRequest] = {}

    def run(self) -> int:
        """Send what is due; answers how many attempts were made."""
        with loop_beside("push") as self._loop:
            made = self._send_due()
            self._land_all()
            results.end_abandoned()
            return made

    def _send_due(self) -> int:
        made = 0
        until = time.monotonic() + self._seconds
        while not self.unfinished:
            released = _release()
            taken = self._take()
            made += len(taken)
            if not (released or taken or self._flying):
                break
            self._land()
            self.unfinished = time.monotonic() > until
        return made

    def _land_all(self) -> None:
        deadline = time.monotonic() + SHUTDOWN_TIMEOUT_S
        while self._flying and time.monotonic() < deadline:
            self._land()
        for request in self._flying.values():
            # The gateway blocks the loop or ignores that it is cancelled. The process ends with
            # the next line that waits for it (chatproject/watchdog.py); its push is tried again.
            logger.error("gateway %s does not return", request.gateway)
            _write_down(request.delivery, SendResult(Outcome.LATER))

    def _land(self) -> None:
        done, _ = wait(self._flying, timeout=POLL_INTERVAL_S, return_when=FIRST_COMPLETED)
        for future in done:
            _write_down(self._flying.pop(future).delivery, future.result())

    def _take(self) -> list[Delivery]:
        hosts = Counter(request.delivery.host for request in self._flying.values())
        busy = [host for host, number in hosts.items() if number >= MAX_IN_FLIGHT_PER_HOST]
        room = MAX_IN_FLIGHT - len(self._flying)
        taken = (
            claim(claimable(busy), most=min(room, MAX_IN_FLIGHT_PER_HOST), lease=CLAIM_LEASE)
            if room
            else []
        )
        notices: Notices = {}
        for row in taken:
            try:
                self._begin(row, notices)
            except RetryLater:
                _write_down(row, SendResult(Outcome.LATER))
            except AWAY as error:
                # Without PostgreSQL each of the others would wait for it, too. After a lock the
                # claim runs out, and the delivery is tried again.
                if not waited_for_lock(error):
                    raise
            except Exception:  # one bad delivery must not stop the rest
                logger.exception("a push cannot be made: delivery %s", row.id)
                _write_down(row, SendResult(Outcome.LATER))
        return taken

    def _begin(self, row: Delivery, notices: Notices) -> None:
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
        self._flying[sending] = request


def _release() -> int:
    """As `release_due`. What somebody else has locked is released by a later look."""
    try:
        return release_due()
    except AWAY as error:
        if not waited_for_lock(error):
            raise
        return 0


def claimable(busy: list[str]) -> "results.Deliveries":
    """What is due, in order: nothing of a device before what the device is to get first."""
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING, due_at__lte=Now())
    wanted = Q(kind=Delivery.Kind.CLEAR) | Q(push__open=True)
    # Whoever is at work on a push that was read since is still before the next one; a worker that
    # died with it is not, nor what nobody will send any more.
    live = wanted | Q(claimed_at__gt=Now() - CLAIM_LEASE)
    before = waiting.filter(
        live, subscription_id=OuterRef("subscription_id"), created_at__lt=OuterRef("created_at")
    )
    # The push is locked with its delivery: a read commits before the claim looks, or after it has
    # committed, never in between.
    # A delivery that outlived all of its attempts (its workers died) is parked by `end_abandoned`.
    tried = Q(attempt__gte=results.MAX_ATTEMPTS)
    rows = waiting.exclude(tried).filter(wanted, ~Exists(before), subscription_id__isnull=False)
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
            "gateway %s was cut off after %g s: delivery %s",
            request.gateway,
            SEND_TIMEOUT_S,
            request.delivery.id,
        )
    except Exception:  # a gateway that the settings no longer name, or that raises
        logger.exception("a push cannot be sent: delivery %s", request.delivery.id)
    return SendResult(Outcome.LATER)


def _write_down(row: Delivery, outcome: SendResult) -> None:
    """Record an outcome. If that fails, the claim runs out and the delivery is tried again."""
    try:
        results.record(row, outcome)
    except AWAY as error:
        database.failed(error)
    except Exception:
        logger.exception("the outcome of a push cannot be recorded: delivery %s", row.id)
