"""Previews of linked pages."""

from django.db import models
from django.db.models.functions import Now

from apps.core.claims import Claimable


class LinkPreview(Claimable):
    """One link, fetched once for all messages that contain it. State `empty`: nothing to show.

    While the link waits, `asker` is the author of the first message with it and `host` is the
    link's host; both have a limit on links in progress. `asker` is cleared after fetching, so that
    no record of who sent the link remains.
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
    # Not fetched before this time: its person or host has used up its share of the minute.
    due_at = models.DateTimeField(db_default=Now())
    fetched_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # chats.queries.previews: links to fetch, longest waiting first.
            models.Index("asked_at", name="preview_waiting", condition=models.Q(state="waiting")),
            # chats.actions.previews: the number of a person's waiting links.
            models.Index("asker", name="preview_asker", condition=models.Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return self.url_hash


class PreviewWait(models.Model):
    """A message that waits for one of its links."""

    pk = models.CompositePrimaryKey("chat_id", "seq", "url_hash")
    chat_id = models.UUIDField()
    seq = models.BigIntegerField()
    # chats.actions.previews: messages that wait for a fetched link.
    url_hash = models.CharField(max_length=64, db_index=True)

    def __str__(self) -> str:
        return f"{self.chat_id}/{self.seq} {self.url_hash}"
