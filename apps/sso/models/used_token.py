"""Tokens of the provider that were accepted."""

from django.db import models


class UsedToken(models.Model):
    """A logout token, and an access token of an app, is accepted once. Rows are deleted when the
    token itself has expired."""

    # SHA-256 of issuer and `jti`: both come from outside, and may be long.
    digest = models.CharField(max_length=64, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        # The former name: processes of the release before use it during an update.
        db_table = "sso_usedlogouttoken"

    def __str__(self) -> str:
        return self.digest
