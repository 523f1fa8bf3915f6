"""Exports of a person's data that the person asked for."""

from django.db import models

from apps.core.claims import Claimable
from apps.core.identifiers import new_id


class Export(Claimable):
    """One archive: asked for, being written by a worker, or ready until `expires_at`.

    The file is at the storage, one for each claim (`gateways.export_files`). A row is deleted after
    its files. `user_id` is no foreign key: the files outlive the account's row until then.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        READY = "ready"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user_id = models.UUIDField()
    # A copy of this chat; NULL: of all that is stored about the person.
    chat = models.UUIDField(null=True)
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    asked_at = models.DateTimeField(auto_now_add=True)
    ready_at = models.DateTimeField(null=True)
    size = models.BigIntegerField(null=True)
    # Percent of it that a worker has collected.
    collected = models.PositiveSmallIntegerField(default=0, db_default=0)
    # The index: expired ones are deleted.
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            # accounts.actions.exports: one at a time.
            models.UniqueConstraint(
                "user_id", name="export_waiting_once", condition=models.Q(state="waiting")
            ),
        ]
        indexes = [
            models.Index("user_id", "asked_at", name="export_of_person"),
            # moderation.queries.work: what failed, newest first.
            models.Index("asked_at", name="export_failed", condition=models.Q(state="failed")),
        ]

    def __str__(self) -> str:
        return f"{self.state} export of {self.user_id}"
