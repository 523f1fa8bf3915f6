"""Accepts notifications of Graph, and applies them later.

Everybody can call the address. What is stored has a right `clientState`; what is applied has valid
tokens and a signed content, for somebody whom the subscription covers, and was not applied before.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import msgspec
from django.db.models.functions import Now
from django.utils.crypto import constant_time_compare
from msgspec import Meta, Struct

from apps.core.claims import claim
from apps.core.errors import Conflict
from apps.core.metrics import GRAPH_NOTIFICATIONS
from apps.core.task_wakeup import TaskWakeup
from apps.graph import encryption, tokens
from apps.graph.actions import presences, subscriptions
from apps.graph.encryption import EncryptedContent
from apps.graph.errors import InvalidNotification
from apps.graph.gateways import graph
from apps.graph.models import Link, Notification, SeenContent, Subscription
from apps.sso.errors import ProviderUnavailable

logger = logging.getLogger(__name__)
wake = TaskWakeup("apps.graph.tasks.apply_notifications")
# A subscription has 650 people, and Graph puts those of several into one request.
MAX_ITEMS = 1_000
MAX_TOKENS = 10
BATCH = 20
# Older ones say less than the next poll.
MAX_AGE = timedelta(minutes=10)
SEEN_TTL = timedelta(days=2)


class Item(Struct, frozen=True, rename="camel"):
    """A `changeNotification` of Graph, of a resource or of the subscription itself."""

    # A UUID, but Graph does not say so. PostgreSQL compares no NUL.
    subscription_id: Annotated[str, Meta(max_length=64, pattern="^[0-9A-Za-z-]*$")]
    client_state: str = ""
    lifecycle_event: str = ""
    encrypted_content: EncryptedContent | None = None


class Batch(Struct, frozen=True, rename="camel"):
    """A `changeNotificationCollection` of Graph."""

    value: list[Item]
    validation_tokens: list[str] = []


LIFECYCLE: dict[str, Callable[[list[str]], None]] = {
    "reauthorizationRequired": subscriptions.renew_soon,
    "subscriptionRemoved": subscriptions.make_again,
    "missed": subscriptions.poll_now,
}


def accept(body: bytes) -> None:
    """Store what of a request may be from Graph. Says nothing about it: the caller, who may be
    anybody, learns nothing. Two statements, however many items there are."""
    try:
        batch = msgspec.json.decode(body, type=Batch)
    except (msgspec.MsgspecError, RecursionError):
        GRAPH_NOTIFICATIONS.labels("malformed").inc()
        return
    if len(batch.value) > MAX_ITEMS or len(batch.validation_tokens) > MAX_TOKENS:
        GRAPH_NOTIFICATIONS.labels("malformed").inc()
        return
    items = _of_ours(batch.value)
    GRAPH_NOTIFICATIONS.labels("foreign").inc(len(batch.value) - len(items))
    events = defaultdict(list)
    for item in items:
        events[item.lifecycle_event].append(item.subscription_id)
    for event, act in LIFECYCLE.items():
        if event in events:
            act(events[event])
    changes = [item for item in items if item.encrypted_content and not item.lifecycle_event]
    if changes:
        stored = Batch(value=changes, validation_tokens=batch.validation_tokens)
        # By the clock of the database, as polls: one that is ahead would win over them.
        Notification.objects.create(body=msgspec.json.encode(stored), received_at=Now())
        wake()


def _of_ours(items: Sequence[Item]) -> list[Item]:
    """The items whose subscription and `clientState` are right."""
    ids = {item.subscription_id for item in items if item.subscription_id}
    found = Subscription.objects.filter(graph_id__in=ids)
    states = dict(found.values_list("graph_id", "state_hash"))
    return [
        item
        for item in items
        if (state := states.get(item.subscription_id))
        and constant_time_compare(state, subscriptions.hash_of(item.client_state))
    ]


def apply_due() -> None:
    """Apply what waits, in the order in which it came."""
    while rows := claim(Notification.objects.order_by("received_at"), limit=BATCH):
        for row in rows:
            try:
                _apply(row)
            except ProviderUnavailable as error:
                logger.warning("A notification of Graph cannot be checked: %s", error)
                return  # the next run tries again, until `tidy` deletes it
            except InvalidNotification as error:
                GRAPH_NOTIFICATIONS.labels("refused").inc()
                logger.warning("A notification of Graph was refused: %s", error)
            Notification.objects.filter(id=row.id, attempt=row.attempt).delete()


def _apply(row: Notification) -> None:
    batch = msgspec.json.decode(bytes(row.body), type=Batch)
    if not batch.validation_tokens:
        raise InvalidNotification("no token")
    # Each of them: one that is wrong makes all suspicious.
    for token in batch.validation_tokens:
        tokens.verify(token)
    ids = {item.subscription_id for item in batch.value}
    ours = {each.graph_id: each for each in Subscription.objects.filter(graph_id__in=ids)}
    for item in batch.value:
        subscription, content = ours.get(item.subscription_id), item.encrypted_content
        if subscription is None or content is None:
            continue
        try:
            _apply_item(row, subscription, content)
        except InvalidNotification as error:
            GRAPH_NOTIFICATIONS.labels("refused").inc()
            logger.warning("An item of a notification of Graph was refused: %s", error)


def _apply_item(row: Notification, subscription: Subscription, content: EncryptedContent) -> None:
    if content.encryption_certificate_id != str(subscription.id):
        raise InvalidNotification("a content for another certificate")
    found = encryption.decrypted(content, bytes(subscription.key))
    presence = graph.presence(found)
    if presence is None:
        raise InvalidNotification("a content that is no presence")
    links = Link.objects.filter(subscription=subscription, object_id=presence.object_id)
    user_id: UUID | None = links.values_list("user_id", flat=True).first()
    # Their sharing has ended since.
    if user_id is None:
        return
    if _is_replay(content):
        raise InvalidNotification("a content that came before")
    try:
        presences.apply(user_id, presence, known_at=row.received_at)
    except Conflict:
        Link.objects.filter(user_id=user_id).update(due_at=Now())
    GRAPH_NOTIFICATIONS.labels("applied").inc()


def _is_replay(content: EncryptedContent) -> bool:
    _, is_new = SeenContent.objects.get_or_create(digest=content.digest())
    return not is_new


def tidy() -> None:
    """Delete what nobody needs any more."""
    Notification.objects.filter(received_at__lt=Now() - MAX_AGE).delete()
    SeenContent.objects.filter(seen_at__lt=Now() - SEEN_TTL).delete()
