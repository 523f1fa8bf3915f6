"""What a person keeps for themselves, on all their devices: saved messages and drafts.

Both are parts of the person's own stream: `person_rev` is the revision of the last change, and a
row stays when the thing is gone, so that a device that was away is told.
"""

from django.db import models


class Saved(models.Model):
    """A message kept to be found again."""

    pk = models.CompositePrimaryKey("user_id", "chat_id", "seq")
    user_id = models.UUIDField()
    chat_id = models.UUIDField()
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    gone = models.BooleanField(default=False)
    person_rev = models.BigIntegerField()

    class Meta:
        indexes = [
            # chats.queries.saved: changes since a revision, and the list of what is saved.
            models.Index("user_id", "person_rev", name="saved_changes"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} saved {self.chat_id}/{self.seq}"
