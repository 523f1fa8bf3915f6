"""What the data saver saved."""

from django.db import models


class BytesSaved(models.Model):
    """The bytes of pictures that one device of a person did not load in its last month, as the
    device counts them. `month` is one of UTC: 2026-11."""

    pk = models.CompositePrimaryKey("user_id", "device_id")
    user_id = models.UUIDField()
    device_id = models.UUIDField()
    month = models.CharField(max_length=7)
    bytes = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.device_id} in {self.month}"
