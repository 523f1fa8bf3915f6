"""People as a directory sent them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from apps.core.identifiers import new_id


class DirectoryEntry(models.Model):
    """A SCIM User (RFC 7643, 4.1) and the account that it manages.

    Only what the account needs is stored: `attributes` holds the names and addresses that the
    directory reads back. Whether the person is active is a field of the account.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    user_name = models.CharField(max_length=255)
    external_id = models.CharField(max_length=255, blank=True)
    attributes = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "directory entries"
        constraints = [
            # The index: a directory looks for people by `userName eq`.
            models.UniqueConstraint(Lower("user_name"), name="scim_user_name_once"),
            # The index: a directory looks for people by `externalId eq`.
            models.UniqueConstraint(
                fields=["external_id"], condition=~Q(external_id=""), name="scim_external_id_once"
            ),
        ]

    def __str__(self) -> str:
        return self.user_name
