"""Saved messages of a person."""

from django.db import models


class Saved(models.Model):
    """A message that a person saved, as part of their own stream.

    `person_rev` is the stream's revision of the last change. A removed row stays with `gone`, so
    that a device that was offline learns of the removal.
    """

    pk = models.CompositePrimaryKey("user_id", "chat_id", "seq")
    user_id = models.UUIDField()
    chat_id = models.UUIDField()
    seq = models.BigIntegerField()
    at = models.DateTimeField()
    gone = models.BooleanField(default=False)
    person_rev = models.BigIntegerField()

    class Meta:
        indexes = [
            # chats.queries.saved: changes since a revision, and the list of saved messages.
            models.Index("user_id", "person_rev", name="saved_changes"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} saved {self.chat_id}/{self.seq}"
