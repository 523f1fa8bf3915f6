"""What commands answered to one person alone."""

from django.db import models
from django.db.models import Value

from apps.core.identifiers import new_id


class CommandNote(models.Model):
    """An answer that only `user_id` sees, below the chat, as part of their own stream.

    `person_rev` is the stream's revision of the last change. A note that was dismissed, or is older
    than `queries.notes.TTL`, is `gone` and has no text; a row goes once its person has a later
    revision. `client_id` identifies the run of the command: a repeated one finds the first note.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user_id = models.UUIDField()
    chat_id = models.UUIDField()
    client_id = models.UUIDField()
    command = models.CharField(max_length=32)
    text = models.TextField()
    # `bodies.Card`, drawn in place of the text.
    cards = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    at = models.DateTimeField()
    gone = models.BooleanField(default=False)
    person_rev = models.BigIntegerField()

    class Meta:
        constraints = [
            # integrations.actions.notes: a repeated run finds the first note.
            models.UniqueConstraint("user_id", "client_id", name="command_note_once"),
        ]
        indexes = [
            # integrations.queries.notes: changes since a revision, and the notes that are shown.
            models.Index("user_id", "person_rev", name="command_note_changes"),
            # integrations.actions.notes: those whose day is over.
            models.Index("at", name="command_note_at"),
        ]

    def __str__(self) -> str:
        return f"/{self.command} for {self.user_id} in {self.chat_id}"
