"""A person's digest: e-mail about what stayed unread."""

from datetime import time

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from apps.core.claims import Claimable
from apps.notifications.digest_times import SUNDAY, Frequency


class Digest(Claimable):
    """What a person chose, and when a worker sends the next digest (`next_at`).

    `frequency` empty: the server's default, also for people without a row. `texts`: whether the
    digest quotes messages; None: as pushes do (`Preferences.content`). `planned` and `zone`: the
    frequency and the time zone of which `next_at` was made. `trial`: the person wants one now,
    with all that is unread. `failures`: how often the mail server did not take the current one.
    `refused`: the address that the mail server refused for good; nothing is sent to it.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True)
    frequency = models.CharField(
        max_length=8, choices=[(v.value, v.value) for v in Frequency], blank=True, default=""
    )
    day = models.PositiveSmallIntegerField(
        default=1, validators=[MinValueValidator(1), MaxValueValidator(SUNDAY)]
    )
    at = models.TimeField(default=time(8))
    texts = models.BooleanField(null=True)
    next_at = models.DateTimeField(null=True)
    planned = models.CharField(max_length=8, blank=True, default="")
    zone = models.CharField(max_length=64, blank=True, default="")
    trial = models.BooleanField(default=False)
    failures = models.PositiveSmallIntegerField(default=0)
    refused = models.EmailField(blank=True, default="")
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # notifications.actions.digest_sender: what is due.
            models.Index("next_at", name="digest_due", condition=Q(next_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.frequency or 'default'}"


class DigestPosition(models.Model):
    """How far a person's digests have told them of a chat: up to the message `seq`."""

    pk = models.CompositePrimaryKey("user_id", "chat_id")
    # The primary key begins with the person.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    # No foreign key: chats are in an app above this one.
    chat_id = models.UUIDField()
    seq = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.user_id} in {self.chat_id}: {self.seq}"
