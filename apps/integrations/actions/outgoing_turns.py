"""The turn of a webhook that a worker has claimed: what is sent next, and what came of it.

Each step is one short transaction that locks the webhook. Between the steps, the event is sent.
"""

import logging
import random
from datetime import timedelta
from enum import Enum, auto

import msgspec
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from apps.accounts.queries import profiles
from apps.core.claims import still_held
from apps.core.metrics import WEBHOOK_DELIVERIES
from apps.core.sealing import unseal
from apps.integrations.actions.outgoing_feed import make_deliveries, managed_chat
from apps.integrations.events import PING, EventData, EventPerson, WebhookEvent
from apps.integrations.gateways.outgoing import Attempt, WebhookRequest
from apps.integrations.models import OutgoingWebhook, WebhookDelivery
from apps.wire import bodies

logger = logging.getLogger(__name__)
State = OutgoingWebhook.State
Delivered = WebhookDelivery.State

SEALED_AS = "webhook"
# Waits between attempts. They add up to a day with the last one repeated.
DELAYS_S = (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400)
# Each wait is longer or shorter by up to this part, so that webhooks do not stay in step.
JITTER = 0.1
MAX_RETRY_AFTER_S = 3_600.0
GIVE_UP_AFTER = timedelta(days=1)
# An attempt that comes so much later than it was due: the time between counts for no failure.
MAX_LATE = timedelta(hours=1)
GONE = 410


class Step(Enum):
    """What a step found instead of something to send."""

    AGAIN = auto()
    """A part of the chat's changes was read, and nothing of it is to be sent."""
    OVER = auto()
    """Nothing is to be sent now, and the claim has ended."""


class Sending(msgspec.Struct, frozen=True):
    """An event to be sent."""

    delivery: WebhookDelivery
    request: WebhookRequest


@transaction.atomic
def next_step(row: OutgoingWebhook) -> Sending | Step:
    """What a claimed webhook sends next. Raises Unreadable if its secret cannot be read."""
    webhook = still_held(row)
    if webhook is None:
        return Step.OVER
    found = _asked(webhook) or _due(webhook)
    if found is None or isinstance(found, Step):
        if found is not Step.AGAIN:
            webhook.claimed_at = None
        webhook.save()
        return found or Step.OVER
    webhook.save()
    return Sending(found, _request(webhook, found))


@transaction.atomic
def finish_step(
    row: OutgoingWebhook, delivery: WebhookDelivery | None, attempt: Attempt, *, goes_on: bool
) -> bool:
    """Record an attempt; without a delivery, that none could be made. Returns whether the turn goes
    on: if `goes_on`, until an attempt fails."""
    webhook = still_held(row)
    if webhook is None:
        return False
    if delivery is None:
        _fail_asked(webhook, attempt)
    else:
        _record(delivery, attempt)
    if delivery is None or not delivery.asked:
        goes_on &= _count(webhook, attempt)
    if not goes_on:
        webhook.claimed_at = None
    webhook.save()
    return goes_on


def end_turn(row: OutgoingWebhook) -> None:
    """End the claim, if it is still valid. The webhook goes to the end of the queue."""
    claimed = OutgoingWebhook.objects.filter(id=row.id, attempt=row.attempt)
    claimed.exclude(claimed_at=None).update(claimed_at=None, due_at=Now())


def _asked(webhook: OutgoingWebhook) -> WebhookDelivery | None:
    """What somebody has asked for."""
    if not webhook.has_asked:
        return None
    waiting = webhook.deliveries.filter(state=Delivered.WAITING, asked=True)
    found = waiting.order_by("number").first()
    webhook.has_asked = found is not None
    return found


def _due(webhook: OutgoingWebhook) -> WebhookDelivery | Step | None:
    """The next event, made of the chat's changes if none waits."""
    if webhook.state != State.ACTIVE:
        return None
    if webhook.failures and not _is_due(webhook):
        return None  # claimed for what somebody asked for
    found, has_read = _waiting(webhook), False
    if found is None:
        has_read = make_deliveries(webhook)
        found = _waiting(webhook)
    webhook.has_waiting = found is not None
    if found is None and not has_read:
        return None
    chat = managed_chat(webhook)
    if chat is None:
        webhook.state = State.UNOWNED
        return None
    if chat.closed_reason:
        return None  # closed since the turn began
    return found or Step.AGAIN


def _is_due(webhook: OutgoingWebhook) -> bool:
    """By the database's clock, as `claimable`: by a clock that is behind, it would be claimed
    again and again, and nothing sent."""
    return OutgoingWebhook.objects.filter(id=webhook.id, due_at__lte=Now()).exists()


def _waiting(webhook: OutgoingWebhook) -> WebhookDelivery | None:
    waiting = webhook.deliveries.filter(state=Delivered.WAITING, asked=False)
    return waiting.order_by("number").first()


def _request(webhook: OutgoingWebhook, delivery: WebhookDelivery) -> WebhookRequest:
    message: bodies.Message | None = None
    people: list[EventPerson] = []
    if delivery.body is not None:
        message = msgspec.convert(delivery.body, bodies.Message)
        ids = [each for each in (message.sender, message.about) if each]
        found = profiles.people(ids)
        people = [
            EventPerson(each.id, each.username, each.name, each.bot)
            for each in map(found.get, ids)
            if each is not None
        ]
    data = EventData(webhook.id, webhook.chat_id, message, people)
    body = msgspec.json.encode(WebhookEvent(delivery.event, delivery.at, data))
    return WebhookRequest(str(delivery.id), webhook.url, body, _secrets(webhook))


def _secrets(webhook: OutgoingWebhook) -> list[str]:
    found = [webhook.secret]
    if webhook.former_secret and webhook.former_until and webhook.former_until > timezone.now():
        found.append(webhook.former_secret)
    return [unseal(bytes(each), label=SEALED_AS) for each in found]


def _record(delivery: WebhookDelivery, attempt: Attempt) -> None:
    """In the log. A delivery whose content was deleted while it was sent stays withdrawn."""
    rows = WebhookDelivery.objects.select_for_update(no_key=True)
    found = rows.filter(id=delivery.id).first()
    if found is None:
        return
    found.attempts += 1
    found.tried_at = timezone.now()
    found.status, found.error = attempt.status, attempt.error
    found.duration_ms = attempt.duration_ms
    # A receiver may repeat what it got.
    was_deleted = found.body is None and found.event != PING
    found.response = "" if was_deleted else attempt.response
    if attempt.succeeded:
        found.state = Delivered.DELIVERED
    elif delivery.asked and found.state == Delivered.WAITING:
        found.state = Delivered.FAILED
    found.save()
    WEBHOOK_DELIVERIES.labels("delivered" if attempt.succeeded else "failed").inc()


def _fail_asked(webhook: OutgoingWebhook, attempt: Attempt) -> None:
    """Nothing can be made for this webhook now: what somebody asked for is not tried again."""
    asked = webhook.deliveries.filter(state=Delivered.WAITING, asked=True)
    asked.update(state=Delivered.FAILED, error=attempt.error, tried_at=timezone.now())
    webhook.has_asked = False


def _count(webhook: OutgoingWebhook, attempt: Attempt) -> bool:
    """Count an attempt that nobody asked for. Returns whether the next event may follow."""
    now = timezone.now()
    if webhook.failing_since and (rested := now - webhook.due_at) > MAX_LATE:
        # Nothing was tried in that time: its group was closed, or webhooks were switched off.
        webhook.failing_since += rested
    # The next turn comes after that of those who wait now.
    webhook.due_at = Now()
    if attempt.succeeded:
        webhook.failing_since, webhook.failures = None, 0
        return True
    webhook.failing_since = webhook.failing_since or now
    webhook.failures += 1
    gives_up = attempt.status == GONE or now - webhook.failing_since >= GIVE_UP_AFTER
    if gives_up and webhook.state == State.ACTIVE:
        logger.warning("the webhook %s is given up: its address takes nothing", webhook.id)
        webhook.state, webhook.told_owner = State.FAILED, False
    webhook.due_at = Now() + _delay(webhook.failures, attempt.retry_after_s or 0.0)
    return False


def _delay(failures: int, retry_after_s: float) -> timedelta:
    delay = DELAYS_S[min(failures, len(DELAYS_S)) - 1]
    spread = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  # nosec B311  no secret
    return timedelta(seconds=max(delay * spread, min(retry_after_s, MAX_RETRY_AFTER_S)))
