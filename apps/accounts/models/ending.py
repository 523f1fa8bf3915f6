"""Records of access that ended: an administrator sees when each was over."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.core.identifiers import new_id


class Ending(models.Model):
    """One person's access ended, all of it (`account`) or that of some sessions.

    `by`: the person who caused it; empty for a program. `connected_as`: the names of the ended
    sessions (`queries.sessions.session_hash`); server processes find the record by them.
    """

    class Way(models.TextChoices):
        """What caused it."""

        SIGN_OUT = "sign_out", "sign-out"
        BACK_CHANNEL = "back_channel", "back-channel logout"
        FRONT_CHANNEL = "front_channel", "front-channel logout"
        POLL = "poll", "found ended at the provider"
        PASSWORD = "password", "changed password"
        DEVICE = "device", "device signed out"
        UNLINKED = "unlinked", "identity unlinked"
        REUSED_TOKEN = "reused_token", "refresh token used twice"
        ROOM = "room", "made room for another app"
        DELETION = "deletion", "account deleted"
        DELETION_ASKED = "deletion_asked", "deletion asked for"
        DIRECTORY = "directory", "directory (SCIM)"
        SUSPENSION = "suspension", "suspended by moderators"
        ADMINISTRATOR = "administrator", "administrator"
        COMMAND = "command", "manage.py"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # The index: a server process that has closed connections looks for the person's records.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    way = models.CharField(max_length=16, choices=Way)
    account = models.BooleanField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    connected_as = ArrayField(models.CharField(max_length=32))
    # By the clock of the database, as all times here. The index: old records are deleted.
    begun_at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [
            # accounts.admin: the list, by what it is filtered by.
            models.Index("way", "begun_at", name="ending_way"),
            models.Index("begun_at", name="ending_of_account", condition=models.Q(account=True)),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_way_display()}"


class EndedAccess(models.Model):
    """How many of one kind ended, and when that was over.

    `process` is empty for what ended in the transaction. Each server process that had live
    connections adds a row of its own once it has closed them.
    """

    ending = models.ForeignKey(Ending, models.CASCADE, related_name="parts")
    kind = models.CharField(max_length=40)
    process = models.CharField(max_length=100, blank=True)
    count = models.PositiveIntegerField()
    over_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ending", "kind", "process"], name="ended_access_once")
        ]
        verbose_name = "ended access"
        verbose_name_plural = "ended access"

    def __str__(self) -> str:
        return f"{self.count} {self.kind}"
