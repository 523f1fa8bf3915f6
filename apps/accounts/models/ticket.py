"""Single-use tickets for connections."""

from django.conf import settings
from django.db import models


class Ticket(models.Model):
    """Lets its holder open one live connection of an app. The ticket itself is not stored.

    `session_key` is no foreign key: a ticket of a session that has ended is worth nothing, and is
    deleted soon anyway.
    """

    # SHA-256 of the ticket.
    digest = models.CharField(max_length=64, primary_key=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    session_key = models.CharField(max_length=40)
    # The index: expired ones are deleted.
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"ticket of {self.user_id}"
