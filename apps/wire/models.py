"""The epoch: names this line of history, so that cursors of another one are recognised."""

import uuid

from django.db import models


class Epoch(models.Model):
    """One row. A restored backup gets a new one, and every client starts afresh."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    began_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.id)
