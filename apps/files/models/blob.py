"""What is stored at the object storage."""

from django.db import models

from apps.core.identifiers import new_id


class Blob(models.Model):
    """One content of one person, in one or several variants.

    The same content is stored once per owner, found by its SHA-256. Another owner's equal content
    is stored again, so that no upload tells what others have; and so is a picture that the owner
    sent as a file, so that its metadata is in no message that they sent it to as a picture.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner_id = models.UUIDField()
    sha256 = models.CharField(max_length=64)
    # As that of the files.
    as_file = models.BooleanField(default=False, db_default=False)
    # Bytes of all variants.
    stored = models.BigIntegerField()
    # A `wire.bodies.FileContent`.
    content = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            # files.actions.processing: equal contents of one owner share their objects.
            models.UniqueConstraint(
                "owner_id", "sha256", "as_file", name="one_blob_a_content_and_form"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    def key(self, variant: str) -> str:
        """The name of a variant's object."""
        return f"files/{self.id}/{variant}"


class StoredObject(models.Model):
    """An object at the storage. Its row is written before the object, and deleted after it.

    `doomed_at`: the object is deleted then. An object that is being written is doomed in an hour,
    until something refers to it: so nothing is left of an upload whose process was killed. A client
    with a form may write it until `writable_until`: it is not deleted before, or the client could
    make an object that has no row.
    """

    key = models.CharField(max_length=120, primary_key=True)
    size = models.BigIntegerField()
    doomed_at = models.DateTimeField(null=True)
    writable_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            # files.actions.deletion: objects to delete.
            models.Index(
                "doomed_at", name="object_doomed", condition=models.Q(doomed_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.key
