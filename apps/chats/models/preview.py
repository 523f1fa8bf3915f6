"""What the pages that people link to say of themselves."""

from django.db import models
from django.db.models.functions import Now

from apps.core.claims import Claimable


class LinkPreview(Claimable):
    """One link, fetched once for all messages that hold it. `empty`: it has nothing to show.

    While it waits, `asker` is the person whose message asked for it first, and `host` the host
    that will be asked: both share what one of them may occupy. Afterwards nothing tells who asked.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        READY = "ready"
        EMPTY = "empty"

    url_hash = models.CharField(max_length=64, primary_key=True)
    url = models.TextField()
    asker = models.UUIDField(null=True)
    host = models.CharField(max_length=255, blank=True, db_default="")
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    title = models.CharField(max_length=200, blank=True)
    description = models.CharField(max_length=400, blank=True)
    site = models.CharField(max_length=255, blank=True)
    asked_at = models.DateTimeField()
    # Not to be fetched before: a person or a host has had its share of this minute.
    due_at = models.DateTimeField(db_default=Now())
    fetched_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # chats.queries.previews: what is to be fetched, the longest waiting first.
            models.Index("asked_at", name="preview_waiting", condition=models.Q(state="waiting")),
            # chats.actions.previews: how many links of a person wait.
            models.Index("asker", name="preview_asker", condition=models.Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return self.url_hash


class PreviewWait(models.Model):
    """A message that waits for one of its links."""

    pk = models.CompositePrimaryKey("chat_id", "seq", "url_hash")
    chat_id = models.UUIDField()
    seq = models.BigIntegerField()
    # chats.actions.previews: who waits for a link that is fetched.
    url_hash = models.CharField(max_length=64, db_index=True)

    def __str__(self) -> str:
        return f"{self.chat_id}/{self.seq} {self.url_hash}"
