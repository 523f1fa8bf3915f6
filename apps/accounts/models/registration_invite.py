"""Invitations with which somebody may register."""

from django.conf import settings
from django.db import models

from apps.core.identifiers import new_id


class RegistrationInvite(models.Model):
    """One invitation: it makes one account, until it expires or is deleted.

    `administrator`: the account gets every permission. Only `make run` makes such an invitation,
    while the server has no administrator.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    secret_hash = models.CharField(max_length=64, unique=True)
    administrator = models.BooleanField(default=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    used_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ("add", "view", "delete")
        # accounts.admin.invites: the list, newest first.
        indexes = [models.Index("made_at", name="registration_invite_made")]
        verbose_name = "invitation to register"
        verbose_name_plural = "invitations to register"

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d %H:%M}"
