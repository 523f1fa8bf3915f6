"""The epoch: the id of one line of history, so that cursors of another line are recognised."""

import uuid

from django.db import models


class Epoch(models.Model):
    """The current epoch, in one row. A restored backup or a promoted replica gets a new id
    (`epochs.begin`). A client that sends any other epoch is reset."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    began_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.id)
