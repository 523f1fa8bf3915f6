"""The outgoing webhooks of a group and their log, for those who may manage its integrations."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from msgspec import Struct

from apps.accounts.queries import profiles
from apps.core.errors import NotFound
from apps.integrations.models import OutgoingWebhook, WebhookDelivery
from apps.integrations.queries.chats import managed_chat
from apps.wire import bodies

WebhookState = Literal["active", "paused", "unowned", "failed"]
DeliveryState = Literal["waiting", "delivered", "failed", "withdrawn"]


class OutgoingHook(Struct, frozen=True):
    """An outgoing webhook. `state`: `paused` by hand; `unowned`: its `owner` may not manage the
    integrations of the group any more; `failed`: the address took nothing for a day.

    `failing_since` and `next_try_at`: while attempts fail. `former_secret_until`: until then each
    request is signed with the former secret, too.
    """

    id: UUID
    name: str
    url: str
    events: tuple[str, ...]
    words: tuple[str, ...]
    state: WebhookState
    owner: bodies.Person | None
    made_at: datetime
    failing_since: datetime | None
    next_try_at: datetime | None
    former_secret_until: datetime | None


class Delivery(Struct, frozen=True):
    """An event in the log of a webhook. `id` is its `webhook-id`, `at` when it happened. `asked`:
    somebody asked for the last attempt, as for that of a test.

    `status`, `error`, `duration_ms` and `response` (its first 1,000 bytes) are of the last attempt,
    at `tried_at`. `message`: what is sent; null for a test, and once its content was deleted or
    hidden. An event that was `withdrawn` lost its content before it was sent.
    """

    id: UUID
    number: int
    event: str
    at: datetime
    state: DeliveryState
    asked: bool
    attempts: int
    tried_at: datetime | None
    status: int | None
    error: str
    duration_ms: int | None
    response: str
    message: dict[str, Any] | None


def of_chat(user_id: UUID, chat_id: UUID) -> list[OutgoingHook]:
    """All of them, the oldest first. Raises NotFound, Forbidden."""
    managed_chat(user_id, chat_id)
    found = list(OutgoingWebhook.objects.filter(chat_id=chat_id).order_by("made_at", "id"))
    people = profiles.people(each.owner_id for each in found)
    return [_webhook(each, people) for each in found]


def get(user_id: UUID, chat_id: UUID, webhook_id: UUID) -> OutgoingHook:
    """One of them. Raises NotFound, Forbidden."""
    managed_chat(user_id, chat_id)
    found = OutgoingWebhook.objects.filter(chat_id=chat_id, id=webhook_id).first()
    if found is None:
        raise NotFound
    return _webhook(found, profiles.people([found.owner_id]))


def log(
    user_id: UUID, chat_id: UUID, webhook_id: UUID, *, before: int | None, limit: int
) -> list[Delivery]:
    """Up to `limit` events before a number, newest first. Raises NotFound, Forbidden."""
    rows = _rows(user_id, chat_id, webhook_id)
    if before is not None:
        rows = rows.filter(number__lt=before)
    return [_delivery(each) for each in rows.order_by("-number")[:limit]]


def entry(user_id: UUID, chat_id: UUID, webhook_id: UUID, delivery_id: UUID) -> Delivery:
    """One event of the log. Raises NotFound, Forbidden."""
    found = _rows(user_id, chat_id, webhook_id).filter(id=delivery_id).first()
    if found is None:
        raise NotFound
    return _delivery(found)


def _rows(user_id: UUID, chat_id: UUID, webhook_id: UUID) -> QuerySet[WebhookDelivery]:
    get(user_id, chat_id, webhook_id)
    return WebhookDelivery.objects.filter(webhook_id=webhook_id)


def _webhook(row: OutgoingWebhook, people: dict[UUID, bodies.Person]) -> OutgoingHook:
    now = timezone.now()
    until = row.former_until if row.former_until and row.former_until > now else None
    is_failing = row.state == OutgoingWebhook.State.ACTIVE and row.failing_since is not None
    state: WebhookState = row.state  # type: ignore[assignment]  # the choices
    return OutgoingHook(
        id=row.id,
        name=row.name,
        url=row.url,
        events=tuple(row.events),
        words=tuple(row.words),
        state=state,
        owner=people.get(row.owner_id),
        made_at=row.made_at,
        failing_since=row.failing_since,
        next_try_at=row.due_at if is_failing else None,
        former_secret_until=until,
    )


def _delivery(row: WebhookDelivery) -> Delivery:
    state: DeliveryState = row.state  # type: ignore[assignment]  # the choices
    return Delivery(
        id=row.id,
        number=row.number,
        event=row.event,
        at=row.at,
        state=state,
        asked=row.asked,
        attempts=row.attempts,
        tried_at=row.tried_at,
        status=row.status,
        error=row.error,
        duration_ms=row.duration_ms,
        response=row.response,
        message=row.body,
    )
