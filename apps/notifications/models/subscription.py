"""A device that receives pushes."""

from django.conf import settings
from django.db import models

from apps.core.identifiers import new_id


class Subscription(models.Model):
    """The address of one browser or app of a person, and the gateway that reaches it.

    It belongs to the web session that created it. The database deletes it with the session (ON
    DELETE CASCADE, set in the migration), so that no way to end a session can miss it.
    `endpoint` and `keys` are secrets of the device (RFC 8030, RFC 8291).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # The index: chats.actions.messages asks which members have a device.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    session = models.ForeignKey(
        "accounts.Session", models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    gateway = models.CharField(max_length=16, default="webpush")
    endpoint = models.TextField()
    # SHA-256 of the endpoint: one row per device, no matter who is signed in there.
    endpoint_hash = models.CharField(max_length=64, unique=True)
    host = models.CharField(max_length=253)
    keys = models.JSONField()
    name = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    reached_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name or self.gateway} of {self.user_id}"
