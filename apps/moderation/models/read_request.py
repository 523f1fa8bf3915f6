"""Requests to read a chat without being in it (break-glass)."""

from datetime import datetime

from django.conf import settings
from django.db import models

from apps.core.identifiers import new_id


class ReadRequest(models.Model):
    """One moderator asks to read a part of one chat, and another one decides.

    `since`, `until`: the part, as times; `from_seq`, `to_seq`: the same, as entries. It is fixed
    when it is asked for, so no later message is in it. `over_at`: when reading ends, which is at
    the expiry or when somebody ended it. `first_read`, `last_read`: what was shown so far.
    `told_at`: when the members were told. `chat_id` is no foreign key: the record stays when the
    chat is deleted.
    """

    class Reason(models.TextChoices):
        ABUSE = "abuse", "abuse or harassment"
        SAFETY = "safety", "somebody may be in danger"
        ILLEGAL = "illegal", "something illegal"
        LEGAL = "legal", "an order of a court or an authority"
        OTHER = "other"

    class State(models.TextChoices):
        WAITING = "waiting", "waits for approval"
        APPROVED = "approved"
        REFUSED = "refused"
        ENDED = "ended"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    chat_id = models.UUIDField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    from_seq = models.BigIntegerField()
    to_seq = models.BigIntegerField()
    reason = models.CharField(max_length=8, choices=Reason)
    text = models.TextField()
    hours = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True)
    first_read = models.BigIntegerField(null=True)
    last_read = models.BigIntegerField(null=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "request to read a chat"
        verbose_name_plural = "requests to read chats"
        default_permissions = ()
        permissions = [("break_glass", "Can ask to read a chat, and approve what others ask")]
        constraints = [
            # moderation.actions.break_glass: a moderator asks once at a time for each chat.
            models.UniqueConstraint(
                "asked_by",
                "chat_id",
                name="read_request_once",
                condition=models.Q(state="waiting"),
            ),
        ]
        indexes = [
            # moderation.actions.break_glass: whose members are to be told.
            models.Index(
                "over_at",
                name="read_request_to_tell",
                condition=models.Q(first_read__isnull=False, told_at=None),
            ),
            # moderation.admin: by state, newest first. chatproject.administration: what waits for
            # approval.
            models.Index("state", "id", name="read_request_state"),
        ]

    def __str__(self) -> str:
        return f"request {self.id}"

    def is_open(self, now: datetime) -> bool:
        """Whether it may be read at this time."""
        return self.state == self.State.APPROVED and self.over_at is not None and now < self.over_at

    @property
    def entries(self) -> int:
        """How many entries it covers."""
        return self.to_seq - self.from_seq + 1
