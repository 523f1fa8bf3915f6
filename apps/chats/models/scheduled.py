"""Scheduled messages."""

from uuid import UUID

from django.db import models

from apps.core.claims import Claimable
from apps.core.identifiers import new_id


class Scheduled(Claimable):
    """A message to send at `due_at`, as part of the person's own stream.

    `person_rev` is the stream's revision of the last change. A finished row stays, so that a device
    that was offline learns of it. `client_id` prevents sending twice: when a worker died after the
    send, the repeat returns the first message. `reason` is the error code of a refused send.

    A `held` message waits for a moderator, until `due_at`. `held_by`: the rules that hold it, as
    moderators read them. `answer`: why a moderator refused it. `approved`: a moderator allowed this
    text.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        FAILED = "failed"
        CANCELLED = "cancelled"
        HELD = "held"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user_id = models.UUIDField()
    chat_id = models.UUIDField()
    client_id = models.UUIDField()
    text = models.TextField()
    # As of the last change, in wire format. Each counts as a use of its file while the row is open.
    files = models.JSONField(null=True)
    reply_to = models.BigIntegerField(null=True)
    # How it is drawn, if a program wrote it and a rule held it.
    layout = models.JSONField(null=True)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=16, blank=True)
    seq = models.BigIntegerField(null=True)
    person_rev = models.BigIntegerField()
    held_at = models.DateTimeField(null=True)
    held_by = models.TextField(default="", db_default="")
    answer = models.TextField(default="", db_default="")
    approved = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            # chats.actions.scheduled: a repeated request finds the first row.
            models.UniqueConstraint("user_id", "chat_id", "client_id", name="scheduled_once"),
        ]
        indexes = [
            # chats.queries.scheduled: changes since a revision.
            models.Index("user_id", "person_rev", name="scheduled_changes"),
            # chats.actions.scheduled: due messages, and the number of a person's waiting ones.
            models.Index("due_at", name="scheduled_due", condition=models.Q(state="waiting")),
            # moderation.queries.held: the moderators' queue. chats.actions.held: what nobody
            # decided in time.
            models.Index("due_at", "id", name="scheduled_held", condition=models.Q(state="held")),
        ]

    @property
    def file_ids(self) -> list[UUID]:
        """The ids of its files, in order."""
        return [UUID(file["id"]) for file in self.files or []]

    def __str__(self) -> str:
        return f"{self.user_id} to {self.chat_id} at {self.due_at}"
