"""Backups that this installation has made or drilled, for the admin and the metrics."""

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Backup(models.Model):
    """One backup. What can be restored is decided at the destination, by the manifests there.

    `point_at`: it has all that was committed before. `new_bytes`: what was written to the
    destination; files that an older backup has there are not written again. A backup that was
    never restored in a drill is unproven.

    `drill_began_at` is of the last drill, `drilled_at` and the rest of the last one that has ended:
    one that is killed takes away no proof.
    """

    class State(models.TextChoices):
        RUNNING = "running"
        COMPLETE = "complete"
        FAILED = "failed"
        DELETED = "deleted"

    id = models.CharField(max_length=40, primary_key=True)
    destination = models.CharField(max_length=500)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    encrypted = models.BooleanField()
    began_at = models.DateTimeField()
    point_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    rows = models.BigIntegerField(default=0)
    files = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    new_bytes = models.BigIntegerField(default=0)
    # Why it failed.
    problem = models.CharField(max_length=500, blank=True, default="")
    drill_began_at = models.DateTimeField(null=True)
    drilled_at = models.DateTimeField(null=True)
    drill_seconds = models.FloatField(null=True)
    # Why the last drill failed.
    drill_problem = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        indexes = [
            # The admin's list, newest first, and what was begun last.
            models.Index(fields=["-began_at"], name="backup_newest"),
            # backups.queries.newest: the newest complete one, and what was proven last.
            models.Index(fields=["state", "-point_at"], name="backup_complete"),
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def proof(self) -> str | Promise:
        """What its last drill has shown, in a word."""
        if self.drill_problem:
            return _("failed")
        return _("proven") if self.is_proven else _("unproven")

    @property
    def is_proven(self) -> bool:
        """Whether its last drill has restored it."""
        return self.drilled_at is not None and not self.drill_problem
