"""Contacts, invitations and blocks: one row for each side."""

from django.conf import settings
from django.db import models

MAX_GREETING_LENGTH = 500


class Contact(models.Model):
    """One person's side. The two rows of a pair change together, under both people's stream locks.

    A row stays when nothing is left between the two (`none`), so that the stream can tell a device
    that was offline. `owner_rev` is the revision of the last change in the owner's stream.
    `greeting`, the same on both sides, is what the inviter says with an invitation that waits.
    """

    class State(models.TextChoices):
        NONE = "none"
        OUTGOING = "outgoing"
        INCOMING = "incoming"
        CONTACT = "contact"
        BLOCKED = "blocked"

    pk = models.CompositePrimaryKey("owner_id", "other_id")
    # The primary key begins with the owner.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False
    )
    other = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices)
    since = models.DateTimeField()
    owner_rev = models.BigIntegerField()
    # Of the person's last greeting to the other one, whatever became of the invitation.
    greeted_at = models.DateTimeField(null=True)
    greeting = models.CharField(max_length=MAX_GREETING_LENGTH, default="", db_default="")

    class Meta:
        indexes = [
            # contacts.queries.contacts.changes: changes of the owner's stream after a revision.
            models.Index("owner", "owner_rev", name="contact_changes"),
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.state} {self.other_id}"
