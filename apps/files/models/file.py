"""Files that people upload, and the parts of those that are not complete."""

from django.db import models

from apps.core.claims import Claimable
from apps.core.identifiers import new_id
from apps.files.models.blob import Blob


class File(Claimable):
    """One upload of a person, under the name they gave it; or a copy of one (`actions.copies`).

    `uses` counts what shows the file (messages, the picture of a person or a group), and one more
    while its owner keeps it (`kept`); it changes in the transaction that adds or removes the use. A
    file without uses is deleted after `expires_at`.
    `body` is a `wire.bodies.File`, once the file is `ready`: messages copy it, so that reading them
    needs no other table.
    """

    class State(models.TextChoices):
        UPLOADING = "uploading"
        PROCESSING = "processing"
        READY = "ready"
        FAILED = "failed"

    class Problem(models.TextChoices):
        NO_PICTURE = "no_picture"
        TOO_MANY_PIXELS = "too_many_pixels"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # No foreign key: objects outlive the account's row until they are deleted.
    owner_id = models.UUIDField()
    client_id = models.UUIDField()
    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    received = models.BigIntegerField(default=0)
    # A part is being written until then, at the longest.
    writing_until = models.DateTimeField(null=True)
    # The object of the part that the client is sending to the storage itself.
    direct_key = models.CharField(max_length=120, blank=True, db_default="")
    state = models.CharField(max_length=10, choices=State.choices, default=State.UPLOADING)
    # The person sends a picture as it is: it is not converted.
    as_file = models.BooleanField(default=False, db_default=False)
    # Of a voice message, as its recorder says.
    duration_ms = models.PositiveIntegerField(null=True)
    waveform = models.BinaryField(null=True)
    # Why it failed.
    problem = models.CharField(max_length=15, choices=Problem.choices, blank=True, db_default="")
    # What the API and messages show, and where it is, once the file is ready.
    blob = models.ForeignKey(Blob, models.PROTECT, null=True, related_name="files")
    body = models.JSONField(null=True)
    uses = models.PositiveIntegerField(default=0)
    kept = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            # files.actions.uploads: a repeated request finds the first file.
            models.UniqueConstraint("owner_id", "client_id", name="idempotent_upload"),
            models.CheckConstraint(
                condition=models.Q(kept=False) | models.Q(uses__gt=0), name="kept_is_a_use"
            ),
        ]
        indexes = [
            # files.queries.uploads: the person's files, newest first; what they take.
            models.Index("owner_id", "id", name="file_of_person"),
            # files.queries.uploads: those that the person keeps.
            models.Index("owner_id", "id", name="file_kept", condition=models.Q(kept=True)),
            # files.actions.processing: what waits for a worker.
            models.Index("id", name="file_processing", condition=models.Q(state="processing")),
            # chatproject.administration.overview: what failed lately.
            models.Index("id", name="file_failed", condition=models.Q(state="failed")),
            # files.actions.deletion: what nothing shows any more.
            models.Index("expires_at", name="file_unused", condition=models.Q(uses=0)),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.id}"

    @property
    def is_shown(self) -> bool:
        """Whether something else than its owner's keeping uses it."""
        return self.uses > self.kept


class Chunk(models.Model):
    """A part of an upload: `size` bytes from `start` on, in the object `key`."""

    pk = models.CompositePrimaryKey("file_id", "start")
    file = models.ForeignKey(File, models.CASCADE, related_name="chunks")
    start = models.BigIntegerField()
    size = models.BigIntegerField()
    # A StoredObject.
    key = models.CharField(max_length=120)

    def __str__(self) -> str:
        return self.key
