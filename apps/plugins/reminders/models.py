"""Reminders."""

from django.db import models

from apps.core.claims import Claimable
from apps.core.identifiers import new_id


class Reminder(Claimable):
    """What a person wants to be told at `due_at`: in the chat (`here`), as themselves; or by the
    bot of the plugin.

    `id` is the client id of the message, so that it is sent once even if a worker dies after the
    send. `client_id` is that of the command: a repeated one finds this row. `reason`: the error
    code of a reminder that failed.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        FAILED = "failed"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user_id = models.UUIDField()
    chat_id = models.UUIDField()
    client_id = models.UUIDField()
    here = models.BooleanField()
    # Of one `here`: seq of the message that it replies to, as in a thread.
    reply_to = models.BigIntegerField(null=True)
    text = models.TextField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=32, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint("user_id", "client_id", name="reminder_once")]
        indexes = [
            # sending.send_due
            models.Index("due_at", name="reminder_due", condition=models.Q(state="waiting")),
            # tasks.forget_done
            models.Index(
                "ended_at", name="reminder_ended", condition=models.Q(ended_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.due_at}"
