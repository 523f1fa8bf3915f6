"""Invite links of groups."""

from django.db import models

from apps.chats.invite_secrets import secret_of
from apps.core.identifiers import new_id


class InviteLink(models.Model):
    """Has a hash of its secret. `uses` is incremented in the joining transaction."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    chat = models.ForeignKey("chats.Chat", models.CASCADE, related_name="+")
    secret_hash = models.CharField(max_length=64, unique=True)
    made_by_id = models.UUIDField()
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    most_uses = models.PositiveIntegerField(null=True)
    uses = models.PositiveIntegerField(default=0)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.id)

    @property
    def secret(self) -> str:
        """The end of its address, except of older links."""
        return secret_of(self.id)
