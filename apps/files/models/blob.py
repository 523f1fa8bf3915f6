"""What is stored at the object storage."""

from django.db import models

from apps.core.identifiers import new_id


class Blob(models.Model):
    """One content of one person: its variants at the storage, under `prefix`.

    The same content is stored once per owner, found by its SHA-256; another owner's equal content
    is stored again, so that no upload tells what others have. The row is deleted after its objects:
    while `doomed`, no file refers to it and none will.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    sha256 = models.CharField(max_length=64)
    # Bytes of all variants.
    stored = models.BigIntegerField()
    # A `wire.bodies.FileContent`: kind, media type, variants.
    content = models.JSONField()
    doomed = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            # files.actions.processing: equal contents of one owner share their objects.
            models.UniqueConstraint(
                "owner_id", "sha256", name="one_blob_a_content", condition=models.Q(doomed=False)
            ),
        ]
        indexes = [
            # files.actions.deletion: blobs whose objects are to be deleted.
            models.Index("id", name="blob_doomed", condition=models.Q(doomed=True)),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def prefix(self) -> str:
        """Where its objects are."""
        return f"files/{self.id}"
