"""A device that takes pushes."""

from django.conf import settings
from django.db import models

from apps.core.identifiers import new_id


class Subscription(models.Model):
    """Where one browser or app of a person is reached, through which gateway.

    It belongs to the web session it was made in and goes with it: the database itself removes it
    (ON DELETE CASCADE, set in the migration), so that no way of ending a session forgets.
    `endpoint` and `keys` are secrets of the device (RFC 8030, RFC 8291).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # The index: notifications.actions.decide asks who has any.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    session = models.ForeignKey(
        "accounts.Session", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    gateway = models.CharField(max_length=16, default="webpush")
    endpoint = models.TextField()
    # SHA-256 of the endpoint: one device is one row, whoever is signed in there.
    endpoint_hash = models.CharField(max_length=64, unique=True)
    host = models.CharField(max_length=253)
    keys = models.JSONField()
    name = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    reached_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name or self.gateway} of {self.user_id}"
