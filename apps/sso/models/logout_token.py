"""Logout tokens that were accepted."""

from django.db import models


class UsedLogoutToken(models.Model):
    """A logout token is accepted once. Rows are deleted when the token itself has expired."""

    # SHA-256 of issuer and `jti`: both come from outside, and may be long.
    digest = models.CharField(max_length=64, primary_key=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.digest
