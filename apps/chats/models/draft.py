"""Drafts of a person."""

from django.db import models


class Draft(models.Model):
    """A person's unsent text in a chat, as part of their own stream.

    `person_rev` is the stream's revision of the last change. A sent or cleared draft stays with an
    empty text, so that a device that was offline learns of it.
    """

    pk = models.CompositePrimaryKey("user_id", "chat_id")
    user_id = models.UUIDField()
    chat_id = models.UUIDField()
    text = models.TextField(blank=True)
    reply_to = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    person_rev = models.BigIntegerField()

    class Meta:
        indexes = [
            # chats.queries.drafts: changes since a revision.
            models.Index("user_id", "person_rev", name="draft_changes"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} writes in {self.chat_id}"
