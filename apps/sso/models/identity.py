"""The link between an account and a person at an identity provider."""

from django.conf import settings
from django.db import models


class Identity(models.Model):
    """A person at a provider is `(issuer, subject)`: the only two claims that never change and
    are never given to anybody else. An e-mail address or a username is no identity.

    An account has at most one identity of a provider."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "identities"
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="sso_identity_once"),
            models.UniqueConstraint(fields=["user", "issuer"], name="sso_identity_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} at {self.issuer}"
