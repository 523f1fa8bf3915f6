"""What moderators have told a person, and how often a person may write, short of closing the
account."""

from django.conf import settings
from django.db import models

from apps.core.identifiers import new_id


class PersonWarning(models.Model):
    """What a moderator wrote to a person, and when the person acknowledged it, on any device.

    `chat`, `seq` and `report` are ids of what it is about, without foreign keys: it stays when they
    are deleted. `User.has_warning` says whether the person has one that is not acknowledged.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # No index on the user alone: `warnings_of_person` begins with it.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    text = models.TextField()
    chat = models.UUIDField(null=True, blank=True)
    seq = models.BigIntegerField(null=True, blank=True)
    report = models.UUIDField(null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    at = models.DateTimeField()
    acknowledged_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "warning"
        default_permissions = ()
        indexes = [
            # accounts.queries.moderated: a person's own, newest first.
            models.Index("user", "id", name="warnings_of_person"),
        ]

    def __str__(self) -> str:
        return str(self.user)


class Slowdown(models.Model):
    """A person may send one message in `interval_s` seconds, in all chats together, until a time.

    `User.slowed_until` has the same time: a send reads it with the account, and this row only if it
    is in the future (`chats.actions.messages`). `sent_at`: when the last one was sent.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+"
    )
    interval_s = models.PositiveIntegerField("seconds between messages")
    until = models.DateTimeField()
    reason = models.TextField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        # moderation.admin.measures: the list has those that are not over.
        indexes = [models.Index("until", name="slowdown_until")]

    def __str__(self) -> str:
        return str(self.user)
