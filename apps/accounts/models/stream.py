"""The head of a person's own stream."""

from django.conf import settings
from django.db import models


class Stream(models.Model):
    """`rev` counts the durable changes that a person's devices are told of, 1..rev without a gap.

    A row of its own: it changes with every contact, mark and read position, and its lock must not
    conflict with the locks of sign-in and profile.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True)
    rev = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.user_id}@{self.rev}"
