"""A draft of a message."""

from django.db import models


class Draft(models.Model):
    """What a person has begun to write in a chat; an empty text: nothing (any more)."""

    pk = models.CompositePrimaryKey("user_id", "chat_id")
    user_id = models.UUIDField()
    chat_id = models.UUIDField()
    text = models.TextField(blank=True)
    reply_to = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    person_rev = models.BigIntegerField()

    class Meta:
        indexes = [
            # chats.queries.saved: changes since a revision.
            models.Index("user_id", "person_rev", name="draft_changes"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} writes in {self.chat_id}"
