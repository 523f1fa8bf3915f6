"""Pictures that the identity provider names, on their way into profiles."""

from django.db import models

from apps.core.claims import Claimable
from apps.sso.models.identity import Identity


class ProviderPicture(Claimable):
    """The picture of one identity: `url` is the provider's claim, as of the last sign-in.

    `source` and `etag` are where the content of `file` (or of `upload`) came from, empty when it is
    to be fetched again. `upload` is a file of the person's that is not their picture yet. `file` is
    the last one that became it: as long as it is their picture, they have chosen no other.
    `due_at`: when a worker has something to do; None: never, until the next sign-in. `failures`
    counts claims that got nowhere.
    """

    identity = models.OneToOneField(Identity, models.CASCADE, primary_key=True, related_name="+")
    url = models.TextField()
    source = models.TextField(blank=True, default="")
    etag = models.CharField(max_length=255, blank=True, default="")
    # Of apps.files; no foreign keys, because a file that nothing uses is deleted.
    upload = models.UUIDField(null=True)
    file = models.UUIDField(null=True)
    due_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            # sso.actions.pictures: what waits for a worker.
            models.Index(
                "due_at", name="provider_picture_due", condition=models.Q(due_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"picture of {self.identity_id}"
