"""The links with which people let others be in touch with them."""

from django.conf import settings
from django.db import models

from apps.core.identifiers import new_id


class PersonalLink(models.Model):
    """A person's link; a new one replaces it. The address has a signature besides the `number`
    (`contacts.queries.personal_links`), so the person can read it again, and who reads the database
    cannot use it. `uses` counts the people who got in touch by it."""

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", primary_key=True
    )
    number = models.UUIDField(unique=True, default=new_id)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    uses = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.owner_id)
