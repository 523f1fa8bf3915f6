"""Accounts that are going to be deleted, and usernames that nobody gets again."""

from django.conf import settings
from django.db import models

from apps.accounts.models.ending import Ending
from apps.core.claims import Claimable


class Deletion(Claimable):
    """A person's account is deleted at `due_at`. The row is deleted when nothing is left to erase.

    `refuse_identities`: nobody signs in with the person's identities again; otherwise they are
    forgotten. `by`: the person who asked for it; empty for a program. `ending`: the record of the
    closed account, set when the deletion begins: from then on it cannot be taken back.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="deletion"
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    refuse_identities = models.BooleanField(default=False, db_default=False)
    asked_at = models.DateTimeField(auto_now_add=True)
    # The index: accounts.actions.erasing takes the deletions that are due.
    due_at = models.DateTimeField(db_index=True)
    # No constraint: old records are deleted, and nothing else refers to them.
    ending = models.ForeignKey(
        Ending,
        models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )

    def __str__(self) -> str:
        return f"deletion of {self.user_id} at {self.due_at}"


class FormerUsername(models.Model):
    """The SHA-256 of a deleted account's username. Nothing says whose it was."""

    digest = models.CharField(max_length=64, primary_key=True)

    def __str__(self) -> str:
        return self.digest
