"""Accounts that moderators have closed: for a time, or for good."""

from django.conf import settings
from django.db import models


class Suspension(models.Model):
    """While the row is there, nothing opens the account: not the directory, not an administrator
    who reopens it, not a sign-in at the identity provider. `until`: empty for a ban, which has no
    end.

    `reason` is part of the person's data. `by_administrator`: moderators can neither lift nor
    replace it.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="suspension"
    )
    # The index: accounts.actions.suspensions ends those that are over.
    until = models.DateTimeField(null=True, blank=True, db_index=True)
    reason = models.TextField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    by_administrator = models.BooleanField(default=False, db_default=False)
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        # moderation.admin: the list, newest first.
        indexes = [models.Index("at", name="suspension_at")]

    def __str__(self) -> str:
        return str(self.user)
