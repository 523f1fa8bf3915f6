"""Notifications of Graph that wait for a worker, and what was seen of them."""

from django.db import models
from django.utils import timezone

from apps.core.claims import Claimable
from apps.core.identifiers import new_id


class Notification(Claimable):
    """The items of one request whose `clientState` was right, with its tokens, as JSON. The row is
    deleted when it is applied."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    body = models.BinaryField()
    # The index: they are applied in this order.
    received_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return str(self.id)


class SeenContent(models.Model):
    """An encrypted content that was applied: Graph encrypts each with a key of its own, so the same
    one again is a replay. Kept for longer than the tokens that come with it are accepted."""

    digest = models.CharField(max_length=64, primary_key=True)
    # The index: old rows are deleted.
    seen_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return self.digest
