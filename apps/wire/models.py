"""The epoch names one line of history, so that cursors of another line are recognised."""

import uuid

from django.db import models


class Epoch(models.Model):
    """One row. A restored backup and a promoted replica get a new id (`epochs.begin`); a client
    that presents any other epoch is reset."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    began_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.id)
