"""One push on its way to one device."""

from django.db import models
from django.db.models import Q

from apps.core.claims import Claimable
from apps.core.identifiers import new_id


class Delivery(Claimable):
    """`kind` show: show a notification; clear: remove it; renew: show what is left of it after a
    message of it was deleted, or remove it. `status` is the last HTTP status of the
    push host. `attempt` counts claims; after five the delivery is parked."""

    class Kind(models.TextChoices):
        SHOW = "show"
        CLEAR = "clear"
        RENEW = "renew"

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        CANCELLED = "cancelled"
        GONE = "gone"
        REFUSED = "refused"
        PARKED = "parked"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    push = models.ForeignKey("notifications.Push", models.CASCADE, related_name="deliveries")
    # The ledger keeps the deliveries of a deleted device. ON DELETE SET NULL is in the migration,
    # because the database deletes devices with their session.
    subscription = models.ForeignKey(
        "notifications.Subscription",
        models.SET_NULL,
        null=True,
        db_constraint=False,
        related_name="+",
    )
    device = models.CharField(max_length=80, blank=True)
    host = models.CharField(max_length=253)
    kind = models.CharField(max_length=5, choices=Kind.choices, default=Kind.SHOW)
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    due_at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    small = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            # notifications.actions.sender: what may be claimed, and what must be sent before it;
            # notifications.actions.results: what no worker will claim.
            models.Index("due_at", name="delivery_due", condition=Q(state="waiting")),
            models.Index(
                "subscription", "created_at", name="delivery_line", condition=Q(state="waiting")
            ),
            # notifications.queries.ledger_stats: those of the last hour, day and week.
            models.Index("created_at", name="delivery_created"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state} to {self.device or self.host}"
