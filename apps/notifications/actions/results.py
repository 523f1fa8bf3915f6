"""What came of deliveries, written into the ledger."""

import random
import time
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now

from apps.core.claims import still_held
from apps.notifications.actions.cancel_on_read import clear_shown
from apps.notifications.actions.payloads import CLAIM_LEASE
from apps.notifications.gateways.base import Outcome, SendResult
from apps.notifications.models import Delivery, Push, Subscription

if TYPE_CHECKING:
    from django.db.models import QuerySet

    Deliveries = QuerySet[Delivery]

MAX_ATTEMPTS = 5
# Seconds before the second attempt; each further one waits four times as long, and a part more by
# chance, so that what failed together does not come back together.
FIRST_RETRY_S = 5.0
FINAL_STATES = {
    Outcome.SENT: Delivery.State.SENT,
    Outcome.GONE: Delivery.State.GONE,
    Outcome.REFUSED: Delivery.State.REFUSED,
}
State = Delivery.State

# Deliveries that no worker will claim again: the push was read, the device is gone (with its
# session, or because the push host said so), or each attempt ended with the death of its worker.
# Rows locked by somebody else are left for the next pass: this statement waits for nobody, so it
# cannot deadlock with a sign-out, which changes the deliveries of a device in an order of its own.
END_ABANDONED = """
WITH lost AS (
    SELECT d.id, CASE WHEN d.subscription_id IS NULL THEN 'gone'
                      WHEN NOT p.open AND d.kind = 'show' THEN 'cancelled'
                      ELSE 'parked' END AS state
    FROM notifications_delivery d JOIN notifications_push p ON p.id = d.push_id
    WHERE d.state = 'waiting'
        AND (d.claimed_at IS NULL OR d.claimed_at < now() - %(lease)s * interval '1 second')
        AND (d.subscription_id IS NULL OR d.attempt >= %(attempts)s
             OR (NOT p.open AND d.kind = 'show'))
    FOR UPDATE OF p, d SKIP LOCKED
)
UPDATE notifications_delivery d SET state = lost.state, ended_at = clock_timestamp()
FROM lost WHERE d.id = lost.id
RETURNING d.push_id
"""
END_PUSHES = """
UPDATE notifications_push p
SET state = CASE
        WHEN EXISTS (SELECT 1 FROM notifications_delivery d
                     WHERE d.push_id = p.id AND d.kind = 'show' AND d.state = 'sent') THEN 'sent'
        WHEN NOT p.open THEN 'cancelled' ELSE 'failed' END,
    reason = CASE WHEN p.open THEN coalesce((
        SELECT d.state FROM notifications_delivery d
        WHERE d.push_id = p.id AND d.kind = 'show' AND d.state <> 'sent'
        ORDER BY d.ended_at DESC LIMIT 1), p.reason) ELSE p.reason END,
    ended_at = clock_timestamp()
WHERE p.id = ANY (%s) AND p.state = 'released' AND NOT EXISTS (
    SELECT 1 FROM notifications_delivery d
    WHERE d.push_id = p.id AND d.kind = 'show' AND d.state = 'waiting')
"""

# A notification takes the place of the chat's earlier ones, on each device that shows them, and is
# then the one that a read clears. A row that somebody else has stays open until the next time.
CLOSE_REPLACED = """
UPDATE notifications_push SET open = false WHERE id IN (
    SELECT o.id FROM notifications_push o
    WHERE o.user_id = %(user)s AND o.chat_id = %(chat)s AND o.open AND o.state = 'sent'
        AND o.last_seq < %(last)s AND NOT EXISTS (
            SELECT 1 FROM notifications_delivery d
            WHERE d.push_id = o.id AND d.kind = 'show' AND d.subscription_id IS NOT NULL
                AND (d.state = 'waiting' OR d.state = 'sent' AND NOT EXISTS (
                    SELECT 1 FROM notifications_delivery n
                    WHERE n.push_id = %(push)s AND n.subscription_id = d.subscription_id
                        AND n.kind = 'show' AND n.state = 'sent')))
    FOR UPDATE SKIP LOCKED)
"""
DELETE_BATCH_SIZE = 5000
DELETE_TIMEOUT_S = 60.0
# The first condition is for the index: what went on lately began before.
FORGET = """
WITH old AS (
    SELECT id FROM notifications_push
    WHERE created_at < now() - %(days)s * interval '1 day'
        AND newest_due_at < now() - %(days)s * interval '1 day' AND state <> 'pending'
    ORDER BY created_at LIMIT %(most)s FOR UPDATE SKIP LOCKED
), ways AS (
    DELETE FROM notifications_delivery d USING old WHERE d.push_id = old.id
)
DELETE FROM notifications_push p USING old WHERE p.id = old.id
"""


def record(row: Delivery, outcome: SendResult) -> None:
    """Write down how an attempt ended, unless somebody else has the delivery by now."""
    with transaction.atomic():
        # A read that commits now waits here, or is seen here: one of the two clears.
        push = Push.objects.select_for_update().filter(id=row.push_id).first()
        held = still_held(row)
        if push is None or held is None or held.state != State.WAITING:
            return
        held.status = outcome.status
        _apply(held, outcome)
        held.save()
        if held.kind == Delivery.Kind.SHOW and held.state == State.SENT:
            _sent(push)
        elif held.kind == Delivery.Kind.SHOW:
            _end(push)
    if row.subscription_id is not None:
        _reached(row.subscription_id, held)


def drop(row: Delivery) -> None:
    """Cancel a delivery that has nothing to show, and with it those of the same push that no
    worker has claimed. Does nothing when another worker has claimed the delivery since.

    A sign-out changes the deliveries of several devices in an order of its own. So this waits for
    one delivery at most; others that are locked are cancelled by `end_abandoned`.
    """
    with transaction.atomic():
        push = Push.objects.select_for_update().get(id=row.push_id)
        mine = Delivery.objects.filter(id=row.id, state=State.WAITING, attempt=row.attempt)
        if not mine.update(state=State.CANCELLED, ended_at=Now()):
            return
        if row.kind == Delivery.Kind.SHOW and push.open:
            Push.objects.filter(id=push.id).update(open=False, reason="nothing_left")
            others = Delivery.objects.filter(push=push, state=State.WAITING, claimed_at=None)
            free = others.select_for_update(skip_locked=True).values_list("id", flat=True)
            Delivery.objects.filter(id__in=list(free)).update(state=State.CANCELLED, ended_at=Now())
        _end(push)


def end_abandoned() -> None:
    """End the deliveries that no worker will claim again."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            END_ABANDONED, {"lease": CLAIM_LEASE.total_seconds(), "attempts": MAX_ATTEMPTS}
        )
        pushes = {id_ for (id_,) in cursor.fetchall()}
        if pushes:
            cursor.execute(END_PUSHES, [list(pushes)])


def delete_old() -> int:
    """Remove what is older than the ledger is kept; answers how many pushes.

    Stops after DELETE_TIMEOUT_S; the next run removes the rest.
    """
    removed = 0
    until = time.monotonic() + DELETE_TIMEOUT_S
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            # Shorter than deadlock_timeout (1 s): against a sign-out, which changes deliveries in
            # another order, this gives way and is not the sign-out that fails.
            cursor.execute("SET LOCAL lock_timeout = '500ms'")
            cursor.execute(FORGET, {"days": settings.PUSH_LEDGER_DAYS, "most": DELETE_BATCH_SIZE})
            gone = int(cursor.rowcount)
        removed += gone
        if gone < DELETE_BATCH_SIZE or time.monotonic() > until:
            return removed


def _apply(held: Delivery, outcome: SendResult) -> None:
    """Move a delivery on, by what the gateway said."""
    if outcome.result in FINAL_STATES:
        held.state = FINAL_STATES[outcome.result]
    elif outcome.result is Outcome.TOO_BIG and held.small:
        held.state = State.REFUSED
    elif outcome.result is Outcome.TOO_BIG:
        held.small, held.claimed_at = True, None
    elif held.attempt >= MAX_ATTEMPTS:
        held.state = State.PARKED
    else:
        seconds = FIRST_RETRY_S * 4 ** (held.attempt - 1) * random.uniform(1, 1.5)  # noqa: S311  # nosec B311 # nobody gains by guessing it
        seconds = max(seconds, outcome.after or 0)
        # The database's clock, like all of what is compared with it.
        held.due_at, held.claimed_at = Now() + timedelta(seconds=seconds), None
    if held.state != State.WAITING:
        held.ended_at = Now()


def _reached(device: UUID, held: Delivery) -> None:
    # By itself: a session that ends locks its device first, then what was on its way there.
    if held.state == State.GONE:
        Subscription.objects.filter(id=device).delete()
    elif held.state == State.SENT and held.kind == Delivery.Kind.SHOW:
        Subscription.objects.filter(id=device).update(reached_at=Now())


def _sent(push: Push) -> None:
    if push.state == Push.State.RELEASED:
        Push.objects.filter(id=push.id).update(state=Push.State.SENT, ended_at=Now())
    if not push.open:
        clear_shown([push.id])
        return
    with connection.cursor() as cursor:
        cursor.execute(
            CLOSE_REPLACED,
            {
                "user": push.user_id,
                "chat": push.chat_id,
                "last": push.last_seq,
                "push": push.id,
            },
        )


def _end(push: Push) -> None:
    with connection.cursor() as cursor:
        cursor.execute(END_PUSHES, [[push.id]])
