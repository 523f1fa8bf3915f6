"""The ledger of pushes: the decision about each message for each person, and its result."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from apps.core.identifiers import new_id


class Push(models.Model):
    """A run of a chat's messages, `first_seq` to `last_seq`, and whether a person was notified.
    `chat_id` may be a topic's (`notifications.notices`).

    A person has at most one `pending` row per chat, which later messages extend. It may therefore
    span a run that was `skipped`: a message belongs to the shortest row that contains it.
    `read_seq` is the read position when a read last changed the row. `open`: the run is not read
    to its end, and no later notification of the chat has replaced it; only deliveries of open rows
    are claimed. `late`: read after a worker had released it.
    `newest_due_at` is when the run's last message alone would have been due, or was skipped.
    """

    class State(models.TextChoices):
        SKIPPED = "skipped"
        PENDING = "pending"
        CANCELLED = "cancelled"
        RELEASED = "released"
        SENT = "sent"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    # No foreign key: chats are in an app above this one.
    chat_id = models.UUIDField()
    state = models.CharField(max_length=9, choices=State.choices)
    reason = models.CharField(max_length=24, blank=True)
    first_seq = models.BigIntegerField()
    last_seq = models.BigIntegerField()
    read_seq = models.BigIntegerField(default=0, db_default=0)
    open = models.BooleanField()
    late = models.BooleanField(default=False, db_default=False)
    due_at = models.DateTimeField()
    newest_due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "pushes"
        constraints = [
            # notifications.actions.decide: the row that later messages extend.
            models.UniqueConstraint(
                "user", "chat_id", name="one_pending_push", condition=Q(state="pending")
            ),
        ]
        indexes = [
            # notifications.actions.fan_out: what is due.
            models.Index("due_at", name="push_due", condition=Q(state="pending")),
            # notifications.actions.cancel_on_read: what a read closes.
            models.Index("user", "chat_id", name="push_open", condition=Q(open=True)),
            # notifications.queries.notification_records.undelivered, at each resume.
            models.Index(
                "user",
                "created_at",
                name="push_undelivered",
                condition=Q(open=True, state="failed"),
            ),
            # notifications.queries.notification_records, and the last run of a chat.
            models.Index("user", "chat_id", "last_seq", name="push_of_message"),
            # notifications.queries.ledger_stats, and forgetting.
            models.Index("created_at", name="push_created"),
            # chatproject.administration.overview, and the list of failed ones in the admin.
            models.Index("created_at", name="push_failed", condition=Q(state="failed")),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.first_seq}-{self.last_seq} for {self.user_id}"
