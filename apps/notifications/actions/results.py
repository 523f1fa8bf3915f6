"""Records the results of deliveries in the ledger, and deletes old pushes from it."""

import random
import time
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now

from apps.core.claims import still_held
from apps.core.runtime import runtime
from apps.notifications.actions.cancel_on_read import clear_shown
from apps.notifications.actions.payloads import CLAIM_LEASE
from apps.notifications.gateways.base import Outcome, SendResult
from apps.notifications.models import Delivery, Push, Subscription

if TYPE_CHECKING:
    from django.db.models import QuerySet

    Deliveries = QuerySet[Delivery]

MAX_ATTEMPTS = 5
# The wait before the second attempt. Each further wait is four times as long, plus up to half of it
# at random, so that deliveries that failed together are not repeated together.
FIRST_RETRY_S = 5.0
FINAL_STATES = {
    Outcome.SENT: Delivery.State.SENT,
    Outcome.GONE: Delivery.State.GONE,
    Outcome.REFUSED: Delivery.State.REFUSED,
}
State = Delivery.State

# Deliveries that no worker will claim again: the push was read, the device is gone (with its
# session, or because the push host said so), or each attempt ended with the death of its worker.
# Skips rows locked by another transaction; the next pass takes them. So this statement never waits,
# and cannot deadlock with a sign-out, which updates the deliveries of a device in its own order.
END_ABANDONED = """
WITH lost AS (
    SELECT d.id, CASE WHEN d.subscription_id IS NULL THEN 'gone'
                      WHEN NOT p.open AND d.kind <> 'clear' THEN 'cancelled'
                      ELSE 'parked' END AS state
    FROM notifications_delivery d JOIN notifications_push p ON p.id = d.push_id
    WHERE d.state = 'waiting'
        AND (d.claimed_at IS NULL OR d.claimed_at < now() - %(lease)s * interval '1 second')
        AND (d.subscription_id IS NULL OR d.attempt >= %(attempts)s
             OR (NOT p.open AND d.kind <> 'clear'))
    FOR UPDATE OF p, d SKIP LOCKED
)
UPDATE notifications_delivery d SET state = lost.state, ended_at = clock_timestamp()
FROM lost WHERE d.id = lost.id
RETURNING d.push_id
"""
# Gives released pushes their final state once none of their deliveries is waiting.
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

# A notification replaces the chat's earlier ones on each device that shows them; from then on a
# read clears this one only. Skips rows locked by another transaction; they stay open until the
# next notification.
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
# `created_at` is redundant, but indexed: a push is never newer than its newest message.
DELETE_OLD = """
WITH old AS (
    SELECT id FROM notifications_push
    WHERE created_at < now() - %(days)s * interval '1 day'
        AND newest_due_at < now() - %(days)s * interval '1 day' AND state <> 'pending'
    ORDER BY created_at LIMIT %(most)s FOR UPDATE SKIP LOCKED
), deliveries AS (
    DELETE FROM notifications_delivery d USING old WHERE d.push_id = old.id
)
DELETE FROM notifications_push p USING old WHERE p.id = old.id
"""
# Index push_of_message. In the order in which `decide` locks pushes.
FORGET = """
WITH old AS (
    SELECT p.id FROM notifications_push p
    WHERE p.user_id = ANY(%(people)s) AND p.chat_id = %(chat)s AND p.last_seq < %(before)s
        AND p.state <> 'pending' AND NOT EXISTS (
            SELECT FROM notifications_delivery d WHERE d.push_id = p.id AND d.state = 'waiting')
    ORDER BY p.user_id, p.id FOR UPDATE SKIP LOCKED
), deliveries AS (
    DELETE FROM notifications_delivery d USING old WHERE d.push_id = old.id RETURNING 1
), pushes AS (
    DELETE FROM notifications_push p USING old WHERE p.id = old.id RETURNING 1
)
SELECT (SELECT count(*) FROM pushes), (SELECT count(*) FROM deliveries)
"""


def record(row: Delivery, result: SendResult) -> None:
    """Record the result of an attempt. Does nothing when another worker has claimed the delivery
    since."""
    with transaction.atomic():
        # With the push locked, a concurrent read either waits here or has committed before: exactly
        # one of the two clears the notification.
        push = Push.objects.select_for_update().filter(id=row.push_id).first()
        held = still_held(row)
        if push is None or held is None or held.state != State.WAITING:
            return
        held.status = result.status
        _apply(held, result)
        held.save()
        if held.kind == Delivery.Kind.SHOW and held.state == State.SENT:
            _mark_sent(push)
        elif held.kind == Delivery.Kind.SHOW:
            _end_push(push)
    if row.subscription_id is not None:
        _update_device(row.subscription_id, held)


def drop(row: Delivery) -> None:
    """Cancel a delivery that has nothing to show, and the deliveries of the same push that no
    worker has claimed. Does nothing when another worker has claimed the delivery since.

    A sign-out updates the deliveries of several devices in its own order. So this waits for the
    lock of one delivery at most; `end_abandoned` cancels the others that are locked.
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
        _end_push(push)


def end_abandoned() -> None:
    """End the deliveries that no worker will claim again, and their pushes."""
    with transaction.atomic(), connection.cursor() as cursor:
        limits = {"lease": CLAIM_LEASE.total_seconds(), "attempts": MAX_ATTEMPTS}
        cursor.execute(END_ABANDONED, limits)
        pushes = {id_ for (id_,) in cursor.fetchall()}
        if pushes:
            cursor.execute(END_PUSHES, [list(pushes)])


def delete_old() -> int:
    """Delete pushes older than PUSH_LEDGER_DAYS. Returns how many.

    Stops after DELETE_TIMEOUT_S; the next run deletes the rest.
    """
    deleted = 0
    until = time.monotonic() + DELETE_TIMEOUT_S
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            # Shorter than deadlock_timeout (1 s). A sign-out updates deliveries in another order;
            # this way the deletion gives way, and the sign-out does not fail.
            cursor.execute("SET LOCAL lock_timeout = '500ms'")
            cursor.execute(
                DELETE_OLD, {"days": runtime.PUSH_LEDGER_DAYS, "most": DELETE_BATCH_SIZE}
            )
            count = int(cursor.rowcount)
        deleted += count
        if count < DELETE_BATCH_SIZE or time.monotonic() > until:
            return deleted


def forget_pushes(people: Iterable[UUID], chat_id: UUID, before: int) -> dict[str, int]:
    """Delete the records of pushes of these people about messages of a chat before a seq, in the
    transaction that deletes the messages. What is on its way to a device stays until it is there,
    and is deleted by age."""
    with connection.cursor() as cursor:
        cursor.execute(FORGET, {"people": [*people], "chat": chat_id, "before": before})
        pushes, deliveries = cursor.fetchone()
    return {"pushes": pushes, "deliveries": deliveries}


def _apply(held: Delivery, result: SendResult) -> None:
    """Set the delivery's next state: final, or waiting for another attempt."""
    if result.outcome in FINAL_STATES:
        held.state = FINAL_STATES[result.outcome]
    elif result.outcome is Outcome.TOO_BIG and held.small:
        held.state = State.REFUSED
    elif result.outcome is Outcome.TOO_BIG:
        held.small, held.claimed_at = True, None
    elif held.attempt >= MAX_ATTEMPTS:
        held.state = State.PARKED
    else:
        seconds = FIRST_RETRY_S * 4 ** (held.attempt - 1) * random.uniform(1, 1.5)  # noqa: S311  # nosec B311 # nobody gains by guessing it
        seconds = max(seconds, result.retry_after_s or 0)
        # By the database's clock, like everything that this time is compared with.
        held.due_at, held.claimed_at = Now() + timedelta(seconds=seconds), None
    if held.state != State.WAITING:
        held.ended_at = Now()


def _update_device(subscription_id: UUID, held: Delivery) -> None:
    # In a transaction of its own: the end of a session locks the device first, then the device's
    # deliveries.
    if held.state == State.GONE:
        Subscription.objects.filter(id=subscription_id).delete()
    elif held.state == State.SENT and held.kind == Delivery.Kind.SHOW:
        Subscription.objects.filter(id=subscription_id).update(reached_at=Now())


def _mark_sent(push: Push) -> None:
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


def _end_push(push: Push) -> None:
    with connection.cursor() as cursor:
        cursor.execute(END_PUSHES, [[push.id]])
