"""Sessions at the provider whose app was signed out here."""

from django.db import models

from apps.sso.models.identity import Identity


class SignedOutSession(models.Model):
    """An app that was signed out here still has tokens of the session `sid` at the provider. They
    sign it in again only after the person has signed in at the provider later than `at`."""

    identity = models.ForeignKey(Identity, models.CASCADE, related_name="+")
    sid = models.CharField(max_length=255)
    # The index: old rows are deleted.
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["identity", "sid"], name="sso_signed_out_session_once")
        ]

    def __str__(self) -> str:
        return f"{self.sid} of {self.identity_id}"
