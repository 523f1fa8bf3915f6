"""How much people store, as a worker counted it."""

from django.db import models


class StorageUse(models.Model):
    """What the contents of one person take. A person who stores nothing has no row."""

    owner_id = models.UUIDField(primary_key=True)
    bytes = models.BigIntegerField()
    contents = models.BigIntegerField()

    class Meta:
        indexes = [
            # files.queries.storage_use: who uses most.
            models.Index(fields=["-bytes", "owner_id"], name="storage_use_most"),
        ]

    def __str__(self) -> str:
        return f"{self.bytes} bytes of {self.owner_id}"


class StorageCount(models.Model):
    """The one row of the counting: the last complete result, and how far the next one is.

    `totals` and `counting` are of this form: {kind: [number, bytes]}. A count goes through the
    people by their ids, and has reached `after`; null: no count is running.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    counted_at = models.DateTimeField(null=True)
    totals = models.JSONField(default=dict)
    after = models.UUIDField(null=True)
    counting = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"counted at {self.counted_at}"
