"""Outgoing webhooks, and their deliveries, which are also their log."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from apps.core.claims import Claimable
from apps.core.identifiers import new_id


class OutgoingWebhook(Claimable):
    """An address that is told what happens in a chat. A worker claims the whole webhook: so its
    deliveries are sent one after the other.

    `seq` and `rev` are how far its deliveries were made (`chats.queries.changed_messages`).
    `owner` is the person who answers for it: it rests when they may not manage the integrations of
    the chat any more. Both secrets are sealed (`core.sealing`); the former one signs, too, until
    `former_until`. `words`: only messages with one of them, if there are any.

    `due_at`: not before. `failing_since`: the first of the failed attempts since the last success,
    `failures`: how many these are. `has_waiting`: a delivery waits. `has_asked`: one that somebody
    asked for waits, which is sent whatever the state is. `told_owner`: of the state `failed`.
    """

    class State(models.TextChoices):
        ACTIVE = "active"
        PAUSED = "paused"
        # The owner may not manage the integrations of the chat any more.
        UNOWNED = "unowned"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # Indexed: the webhooks of a chat, also for integrations.actions.outgoing_log.
    chat = models.ForeignKey("chats.Chat", models.CASCADE, related_name="+")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    url = models.TextField()
    host = models.CharField(max_length=255)
    events = ArrayField(models.CharField(max_length=32))
    words = ArrayField(models.CharField(max_length=64), default=list)
    secret = models.BinaryField()
    former_secret = models.BinaryField(null=True)
    former_until = models.DateTimeField(null=True)
    state = models.CharField(max_length=7, choices=State.choices, default=State.ACTIVE)
    seq = models.BigIntegerField()
    rev = models.BigIntegerField()
    # The number of its last delivery.
    number = models.BigIntegerField(default=0)
    due_at = models.DateTimeField()
    failing_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    has_waiting = models.BooleanField(default=False)
    has_asked = models.BooleanField(default=False)
    told_owner = models.BooleanField(default=True)
    made_at = models.DateTimeField()

    class Meta:
        default_permissions = ("view",)
        indexes = [
            # integrations.actions.outgoing_sender: whose turn is next.
            models.Index("due_at", name="webhook_due", condition=Q(state="active")),
            models.Index("id", name="webhook_asked", condition=Q(has_asked=True)),
            # integrations.actions.outgoing_notices: of which failures the owner does not know.
            models.Index("id", name="webhook_untold", condition=Q(told_owner=False)),
        ]

    def __str__(self) -> str:
        return f"{self.host} of {self.chat_id}"


class WebhookDelivery(models.Model):
    """One event for one webhook. Its `id` is the `webhook-id` of all its attempts.

    `number` gives the order in which the deliveries of a webhook are sent. `seq` is the entry that
    it is about, `body` that entry in wire format: null once the content of the entry was deleted or
    hidden, and for a test. `asked`: somebody asked for this attempt, the only one, and it holds up
    nothing. The other fields are about the last attempt.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        DELIVERED = "delivered"
        FAILED = "failed"
        # Its content was deleted before it was sent.
        WITHDRAWN = "withdrawn"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # The unique constraint begins with the webhook.
    webhook = models.ForeignKey(
        OutgoingWebhook, models.CASCADE, related_name="deliveries", db_index=False
    )
    number = models.BigIntegerField()
    event = models.CharField(max_length=32)
    at = models.DateTimeField()
    made_at = models.DateTimeField()
    seq = models.BigIntegerField(null=True)
    body = models.JSONField(null=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    asked = models.BooleanField(default=False)
    attempts = models.PositiveIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    error = models.CharField(max_length=200, default="")
    duration_ms = models.PositiveIntegerField(null=True)
    response = models.TextField(default="")

    class Meta:
        default_permissions = ()
        constraints = [
            # integrations.queries.outgoing: the log, newest first.
            models.UniqueConstraint("webhook", "number", name="one_order_of_deliveries"),
        ]
        indexes = [
            # integrations.actions.outgoing_log: the copies of a message's content.
            models.Index("webhook", "seq", name="delivery_bodies", condition=Q(body__isnull=False)),
            # integrations.actions.outgoing_feed: the next delivery of a webhook.
            models.Index("webhook", "number", name="delivery_next", condition=Q(state="waiting")),
            # integrations.actions.outgoing_log: what is older than the log is kept.
            models.Index("made_at", name="delivery_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.number}"
