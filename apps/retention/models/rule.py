"""Since when the rule of the installation counts."""

from django.db import models


class InstallationRule(models.Model):
    """The one row: the value of RETENTION_DAYS that a worker saw last, and from when on it counts.
    Fewer days count after a day only, so that a slip can be undone."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    days = models.PositiveIntegerField()
    counts_from = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.days} days from {self.counts_from}"
