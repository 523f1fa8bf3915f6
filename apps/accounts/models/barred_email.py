"""E-mail addresses of suspended people whose accounts were deleted."""

from django.db import models


class BarredEmail(models.Model):
    """Nobody registers with this address while the suspension would last. `until`: empty for a
    ban. Nothing says whose it was, nor, without SECRET_KEY, which address it is."""

    digest = models.CharField(max_length=64, primary_key=True)
    # The index: those that are over are deleted.
    until = models.DateTimeField(null=True, db_index=True)

    def __str__(self) -> str:
        return self.digest
