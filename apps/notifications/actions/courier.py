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
from apps.core.database import DATABASE_UNAVAILABLE, database_outages, is_lock_conflict
from apps.core.event_loop_thread import event_loop_thread
from apps.notifications.actions import outcomes, parcels
from apps.notifications.actions.parcels import LEASE, Notices, Parcel, TooEarly
from apps.notifications.actions.releasing import release_due
from apps.notifications.gateways import gateway
from apps.notifications.gateways.base import Outcome, Result
from apps.notifications.models import Delivery, Subscription

logger = logging.getLogger(__name__)

MOST_IN_FLIGHT = 64
# A host that hangs holds these places and no more.
MOST_A_HOST = 16
# How often to look for what became due while something is in flight, in seconds.
LOOK_EVERY = 0.5
# How long one pass takes up work, in seconds. Under a load that never ends it comes to its end all
# the same: what nobody is at work on is settled then.
PASS = 20.0
# How long a gateway may take for one push before it is cut off. Gateways have shorter limits of
# their own; the claim (LEASE) lasts longer, so that what is cut off is recorded by who claimed it.
SEND_TIMEOUT_S = 10.0
# How long the end of a pass waits for a gateway that does not even let itself be cut off.
GIVE_UP_S = 15.0


class Courier:
    """Works until nothing is due and nothing in flight, or its time is over; then what is in
    flight comes to its end, and `unfinished` says that more is to be done."""

    def __init__(self, *, seconds: float = PASS) -> None:
        self.unfinished = False
        self._seconds = seconds
        self._flying: dict[Future[Outcome], Parcel] = {}

    def run(self) -> int:
        """Send what is due; answers how many attempts were made."""
        with event_loop_thread("push") as self._loop:
            made = self._send_due()
            self._land_all()
            outcomes.settle()
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
        deadline = time.monotonic() + GIVE_UP_S
        while self._flying and time.monotonic() < deadline:
            self._land()
        for parcel in self._flying.values():
            # The gateway blocks the loop or ignores that it is cancelled. The process ends with
            # the next line that waits for it (chatproject/watchdog.py); its push is tried again.
            logger.error("gateway %s does not return", parcel.gateway)
            _write_down(parcel.delivery, Outcome(Result.LATER))

    def _land(self) -> None:
        done, _ = wait(self._flying, timeout=LOOK_EVERY, return_when=FIRST_COMPLETED)
        for future in done:
            _write_down(self._flying.pop(future).delivery, future.result())

    def _take(self) -> list[Delivery]:
        hosts = Counter(parcel.delivery.host for parcel in self._flying.values())
        busy = [host for host, number in hosts.items() if number >= MOST_A_HOST]
        room = MOST_IN_FLIGHT - len(self._flying)
        taken = claim(claimable(busy), limit=min(room, MOST_A_HOST), lease=LEASE) if room else []
        notices: Notices = {}
        for row in taken:
            try:
                self._begin(row, notices)
            except TooEarly:
                _write_down(row, Outcome(Result.LATER))
            except DATABASE_UNAVAILABLE as error:
                # Without PostgreSQL each of the others would wait for it, too. After a lock the
                # claim runs out, and the delivery is tried again.
                if not is_lock_conflict(error):
                    raise
            except Exception:  # one bad delivery must not stop the rest
                logger.exception("a push cannot be made: delivery %s", row.id)
                _write_down(row, Outcome(Result.LATER))
        return taken

    def _begin(self, row: Delivery, notices: Notices) -> None:
        devices = Subscription.objects.all()
        device = devices.filter(id=row.subscription_id).first() if row.subscription_id else None
        if device is None:
            outcomes.record(row, Outcome(Result.GONE))
            return
        parcel = parcels.pack(row, device, notices)
        if parcel is None:
            outcomes.drop(row)
            return
        sending = asyncio.run_coroutine_threadsafe(_send(parcel), self._loop)
        self._flying[sending] = parcel


def _release() -> int:
    """As `release_due`. What somebody else has locked is released by a later look."""
    try:
        return release_due()
    except DATABASE_UNAVAILABLE as error:
        if not is_lock_conflict(error):
            raise
        return 0


def claimable(busy: list[str]) -> "outcomes.Deliveries":
    """What is due, in order: nothing of a device before what the device is to get first."""
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING, due_at__lte=Now())
    wanted = Q(kind=Delivery.Kind.CLEAR) | Q(push__open=True)
    # Whoever is at work on a push that was read since is still before the next one; a worker that
    # died with it is not, nor what nobody will send any more.
    live = wanted | Q(claimed_at__gt=Now() - LEASE)
    before = waiting.filter(
        live, subscription_id=OuterRef("subscription_id"), created_at__lt=OuterRef("created_at")
    )
    # The push is locked with its delivery: a read commits before the claim looks, or after it has
    # committed, never in between.
    # A delivery that outlived all of its attempts (its workers died) is parked by `settle`.
    tried = Q(attempt__gte=outcomes.MOST_ATTEMPTS)
    rows = waiting.exclude(tried).filter(wanted, ~Exists(before), subscription_id__isnull=False)
    return rows.exclude(host__in=busy).select_related("push").order_by("due_at", "created_at")


async def _send(parcel: Parcel) -> Outcome:
    """Hand a parcel to its gateway. Never raises, and ends within SEND_TIMEOUT_S."""
    try:
        async with asyncio.timeout(SEND_TIMEOUT_S):
            return await gateway(parcel.gateway).send(
                parcel.destination,
                parcel.payload,
                topic=parcel.topic,
                seconds=parcel.seconds,
                urgent=parcel.urgent,
            )
    except TimeoutError:
        logger.warning(
            "gateway %s was cut off after %g s: delivery %s",
            parcel.gateway,
            SEND_TIMEOUT_S,
            parcel.delivery.id,
        )
    except Exception:  # a gateway that the settings no longer name, or that raises
        logger.exception("a push cannot be sent: delivery %s", parcel.delivery.id)
    return Outcome(Result.LATER)


def _write_down(row: Delivery, outcome: Outcome) -> None:
    """Record an outcome. If that fails, the claim runs out and the delivery is tried again."""
    try:
        outcomes.record(row, outcome)
    except DATABASE_UNAVAILABLE as error:
        database_outages.failed(error)
    except Exception:
        logger.exception("the outcome of a push cannot be recorded: delivery %s", row.id)
