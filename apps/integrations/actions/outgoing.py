"""Outgoing webhooks: making and changing them, and sending by hand."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from secrets import token_bytes
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from apps.chats.actions.chat_change import changing
from apps.chats.queries.changed_messages import head
from apps.chats.roles import Right
from apps.core.clean_text import clean_line
from apps.core.errors import Full, Invalid, NotFound, NotPossible
from apps.core.limits import OUTGOING_WEBHOOKS, limited
from apps.core.runtime import runtime
from apps.core.sealing import seal
from apps.integrations.actions.outgoing_sender import wake
from apps.integrations.actions.outgoing_turns import SEALED_AS
from apps.integrations.events import PING, EventType
from apps.integrations.gateways.addresses import checked_address
from apps.integrations.models import OutgoingWebhook, WebhookDelivery
from apps.notifications.actions.preferences import clean_keywords

MAX_WEBHOOKS = 10
MAX_WORDS = 20
# 24 to 64 bytes, says the scheme.
SECRET_BYTES = 32
FORMER_SECRET_TTL = timedelta(days=1)
State = OutgoingWebhook.State
Delivered = WebhookDelivery.State


@limited(OUTGOING_WEBHOOKS)
def make(
    user_id: UUID,
    chat_id: UUID,
    *,
    url: str,
    events: Sequence[str],
    name: str = "",
    words: Sequence[str] = (),
) -> tuple[UUID, str]:
    """A new webhook of the group, and its secret, which is shown to nobody later. It gets the
    events from now on.

    Raises NotFound, Forbidden, ChatClosed, Invalid with a pointer to the field, Full beyond
    `MAX_WEBHOOKS`, and NotPossible where OUTGOING_WEBHOOKS is off.
    """
    if not runtime.OUTGOING_WEBHOOKS:
        raise NotPossible(gettext_noop("Outgoing webhooks are switched off on this server."))
    fields = _checked(url=url, events=events, name=name, words=words)
    secret = _new_secret()
    with changing(user_id, chat_id, Right.INTEGRATE):
        if OutgoingWebhook.objects.filter(chat_id=chat_id).count() >= MAX_WEBHOOKS:
            words = gettext("A group has at most {n} outgoing webhooks.")
            raise Full(words.format(n=MAX_WEBHOOKS))
        made = OutgoingWebhook.objects.create(
            chat_id=chat_id,
            owner_id=user_id,
            secret=seal(secret, label=SEALED_AS),
            due_at=Now(),
            made_at=timezone.now(),
            **head(chat_id)._asdict(),
            **fields,
        )
    return made.id, secret


@limited(OUTGOING_WEBHOOKS)
def change(
    user_id: UUID,
    chat_id: UUID,
    webhook_id: UUID,
    *,
    url: str,
    events: Sequence[str],
    name: str = "",
    words: Sequence[str] = (),
) -> None:
    """Change which events it gets, and where. What waits is sent to the new address. Raises what
    `make` raises."""
    fields = _checked(url=url, events=events, name=name, words=words)
    with _changing(user_id, chat_id, webhook_id) as webhook:
        if fields["url"] != webhook.url:
            _try_now(webhook)
        for field, value in fields.items():
            setattr(webhook, field, value)


@limited(OUTGOING_WEBHOOKS)
def pause(user_id: UUID, chat_id: UUID, webhook_id: UUID) -> None:
    """Send nothing until somebody resumes it, in a closed group, too. Raises NotFound,
    Forbidden."""
    with _changing(user_id, chat_id, webhook_id, Right.END_INTEGRATION) as webhook:
        webhook.state = State.PAUSED


@limited(OUTGOING_WEBHOOKS)
def resume(user_id: UUID, chat_id: UUID, webhook_id: UUID, *, skip: bool) -> None:
    """Send again. The person becomes its owner. Without `skip`, it goes on where it stopped; with
    it, the events since then are left out. Raises NotFound, Forbidden, ChatClosed."""
    with _changing(user_id, chat_id, webhook_id) as webhook:
        if not webhook.told_owner:
            # A mail about its end may hold it: nobody waits for that.
            webhook.claimed_at = None
        webhook.state, webhook.owner_id, webhook.told_owner = State.ACTIVE, user_id, True
        _try_now(webhook)
        if skip:
            webhook.deliveries.filter(state=Delivered.WAITING, asked=False).update(
                state=Delivered.FAILED
            )
            webhook.has_waiting = False
            webhook.seq, webhook.rev = head(chat_id)


@limited(OUTGOING_WEBHOOKS)
def replace_secret(user_id: UUID, chat_id: UUID, webhook_id: UUID) -> str:
    """A new secret, which is shown to nobody later. For a day, events are signed with the former
    one, too. Raises NotFound, Forbidden, ChatClosed."""
    secret = _new_secret()
    with _changing(user_id, chat_id, webhook_id) as webhook:
        webhook.former_secret = webhook.secret
        webhook.former_until = timezone.now() + FORMER_SECRET_TTL
        webhook.secret = seal(secret, label=SEALED_AS)
    return secret


@limited(OUTGOING_WEBHOOKS)
def delete(user_id: UUID, chat_id: UUID, webhook_id: UUID) -> None:
    """Delete it with its log, in a closed group, too. Raises NotFound, Forbidden."""
    with changing(user_id, chat_id, Right.END_INTEGRATION):
        _locked(chat_id, webhook_id).delete()


@limited(OUTGOING_WEBHOOKS)
def test(user_id: UUID, chat_id: UUID, webhook_id: UUID) -> UUID:
    """Send a test, whatever the state is. Returns the id of its delivery. Raises NotFound,
    Forbidden, ChatClosed."""
    with _changing(user_id, chat_id, webhook_id) as webhook:
        now = timezone.now()
        webhook.number += 1
        webhook.has_asked = True
        made = WebhookDelivery.objects.create(
            webhook=webhook, number=webhook.number, event=PING, at=now, made_at=now, asked=True
        )
    return made.id


@limited(OUTGOING_WEBHOOKS)
def send_again(user_id: UUID, chat_id: UUID, webhook_id: UUID, delivery_id: UUID) -> None:
    """Try one event of the log once more, now, with the same `webhook-id`.

    One that still waits is tried before its time, in its order. Raises NotFound, Forbidden,
    ChatClosed, and NotPossible if its content was deleted.
    """
    with _changing(user_id, chat_id, webhook_id) as webhook:
        rows = WebhookDelivery.objects.select_for_update(no_key=True)
        found = rows.filter(webhook=webhook, id=delivery_id).first()
        if found is None:
            raise NotFound
        if found.body is None and found.event != PING:
            raise NotPossible(gettext_noop("The content of this event was deleted."))
        if found.state == Delivered.WAITING:
            webhook.due_at = Now()
            return
        found.state, found.asked = Delivered.WAITING, True
        found.save()
        webhook.has_asked = True


@contextmanager
def _changing(
    user_id: UUID, chat_id: UUID, webhook_id: UUID, right: Right = Right.INTEGRATE
) -> Iterator[OutgoingWebhook]:
    """Change a webhook, under the locks of its chat and of itself, and wake a worker."""
    with changing(user_id, chat_id, right):
        webhook = _locked(chat_id, webhook_id)
        yield webhook
        webhook.save()
        transaction.on_commit(wake)


def _locked(chat_id: UUID, webhook_id: UUID) -> OutgoingWebhook:
    rows = OutgoingWebhook.objects.select_for_update(no_key=True)
    found = rows.filter(chat_id=chat_id, id=webhook_id).first()
    if found is None:
        raise NotFound
    return found


def _try_now(webhook: OutgoingWebhook) -> None:
    webhook.due_at, webhook.failing_since, webhook.failures = Now(), None, 0


def _new_secret() -> str:
    return f"whsec_{b64encode(token_bytes(SECRET_BYTES)).decode()}"


def _checked(
    *, url: str, events: Sequence[str], name: str, words: Sequence[str]
) -> dict[str, object]:
    """The fields of a webhook. Raises Invalid."""
    target = checked_address(url)
    unknown = set(events) - set(EventType)
    if unknown or not events:
        reason = gettext_noop("Choose at least one event.")
        raise Invalid(reason, pointer="#/events", reason=reason)
    if len(words) > MAX_WORDS:
        reason = gettext("Use at most {n} words.").format(n=MAX_WORDS)
        raise Invalid(reason, pointer="#/words", reason=reason)
    try:
        name = clean_line(name)
    except ValueError as error:
        raise Invalid(str(error), pointer="#/name", reason=str(error)) from error
    try:
        words = clean_keywords([*words])
    except Invalid as error:
        raise Invalid(error.reason, pointer="#/words", reason=error.reason) from error
    return {
        "url": target.url,
        "host": target.host,
        "events": [each for each in EventType if each in events],
        "name": name or target.host[:80],
        "words": words,
    }
