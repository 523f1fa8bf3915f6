"""A person's notification preferences."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.notifications.rules import Level


class Preferences(models.Model):
    """For all chats without settings of their own. A person without a row has the defaults.

    `delay`: seconds that a message may stay unread before the push; None: the server's default.
    `content`: whether pushes say who wrote what. `person_rev`: revision in the person's stream.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True)
    level = models.CharField(max_length=8, default=Level.ALL, choices=[(v, v) for v in Level])
    keywords = ArrayField(models.CharField(max_length=60), default=list)
    break_through = models.BooleanField(default=False)
    delay = models.PositiveIntegerField(null=True)
    content = models.BooleanField(default=True)
    # The index: notifications.queries.preferences.changes.
    person_rev = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.level}"
