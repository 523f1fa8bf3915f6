"""A message to be sent at a later time."""

from django.db import models

from apps.core.claims import Claimable
from apps.core.identifiers import new_id


class Scheduled(Claimable):
    """Part of the person's own stream, as drafts are: `person_rev` is the revision of the last
    change, and a row stays when it is done with, so that a device that was away is told.

    `client_id` makes the sending happen once: a worker that died after the send repeats it, and
    is answered with the first message. `reason` is the code of what it was refused with.
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
    text = models.TextField()
    reply_to = models.BigIntegerField(null=True)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=16, blank=True)
    seq = models.BigIntegerField(null=True)
    person_rev = models.BigIntegerField()

    class Meta:
        constraints = [
            # chats.actions.scheduled: asking twice is asking once.
            models.UniqueConstraint("user_id", "chat_id", "client_id", name="scheduled_once"),
        ]
        indexes = [
            # chats.queries.scheduled: changes since a revision.
            models.Index("user_id", "person_rev", name="scheduled_changes"),
            # chats.actions.scheduled: what is due, and how much of one person's waits.
            models.Index("due_at", name="scheduled_due", condition=models.Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} to {self.chat_id} at {self.due_at}"
