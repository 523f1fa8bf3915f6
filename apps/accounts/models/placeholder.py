"""Accounts of people whose past messages were imported, and who have not come here yet."""

from django.conf import settings
from django.db import models


class Placeholder(models.Model):
    """Marks an account that stands for a person of an archive. It is closed, so nobody can sign in
    to it, write to it, invite or find it, until the person claims it.

    `email` and `subjects` (pairs of issuer and subject at an identity provider) are what the
    archive says of the person: the address is proven nowhere, and is not the account's. `source`:
    where the archive comes from. `former`: the account was closed there.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+"
    )
    email = models.EmailField(blank=True)
    subjects = models.JSONField(default=list)
    source = models.CharField(max_length=40)
    former = models.BooleanField(default=False)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            # Who claims an account by an address.
            models.Index("email", name="placeholder_email", condition=~models.Q(email="")),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} of {self.source}"
