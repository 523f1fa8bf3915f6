"""A timeline entry."""

from django.db import models


class Message(models.Model):
    """The chat's id leads every key, so that the table can be distributed by chat.

    `chat_id` and `sender_id` are plain columns, not foreign keys: both are proven by the locked
    chat row and the member row read in the same transaction, and a foreign key would lock the
    sender's account row once a message.
    """

    pk = models.CompositePrimaryKey("chat_id", "seq")
    chat_id = models.UUIDField()
    seq = models.BigIntegerField()
    rev = models.BigIntegerField()
    id = models.UUIDField()
    kind = models.CharField(max_length=16, default="text")
    sender_id = models.UUIDField()
    client_id = models.UUIDField()
    text = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            # chats.actions.messages: a retry finds the first message, on any server, for ever.
            models.UniqueConstraint("chat_id", "sender_id", "client_id", name="idempotent_send"),
        ]
        indexes = [
            # chats.queries.changes: what changed since a revision.
            models.Index("chat_id", "rev", name="message_changes"),
            # chats.queries.history: the first entry on or after a moment.
            models.Index("chat_id", "created_at", name="message_moments"),
        ]

    def __str__(self) -> str:
        return f"{self.chat_id}/{self.seq}"
