"""A person's own uploads."""

from collections.abc import Iterable
from uuid import UUID

import msgspec
from django.db.models import Exists, OuterRef, Q, Sum
from django.db.models.functions import Now

from apps.core.errors import NotFound
from apps.core.runtime import runtime
from apps.core.storage import object_storage
from apps.files.models import Blob, File
from apps.wire import bodies
from apps.wire.bodies import Upload

State = File.State
MEGABYTE = 1_000_000
# Deleted ones may still be in the table for some seconds.
EXISTING = Q(uses__gt=0) | Q(expires_at__gt=Now())


def get_own(user_id: UUID, file_id: UUID) -> File:
    """An upload of the person's. Raises NotFound."""
    row = File.objects.filter(EXISTING, id=file_id, owner_id=user_id).first()
    if row is None:
        raise NotFound
    return row


def of_person(
    user_id: UUID, *, before: UUID | None, limit: int, kept: bool | None = None
) -> list[File]:
    """The person's uploads, newest first, from before one of them on. `kept`: only those that the
    person keeps, or only the others."""
    rows = File.objects.filter(EXISTING, owner_id=user_id).order_by("-id")
    if kept is not None:
        rows = rows.filter(kept=kept)
    return list((rows.filter(id__lt=before) if before else rows)[:limit])


def used_bytes(user_id: UUID) -> int:
    """What the person's files take at the storage, or will take when they are complete."""
    # Not what only a copy for others keeps.
    own = Exists(File.objects.filter(blob=OuterRef("id"), owner_id=user_id))
    stored = Blob.objects.filter(own, owner_id=user_id).aggregate(n=Sum("stored"))["n"] or 0
    incomplete = File.objects.filter(EXISTING, owner_id=user_id, blob=None)
    expected = incomplete.exclude(state=State.FAILED).aggregate(n=Sum("size"))["n"] or 0
    return int(stored) + int(expected)


def storage(user_id: UUID) -> bodies.FileStorage:
    """How much the person may store, and how much they have stored."""
    return bodies.FileStorage(
        used=used_bytes(user_id),
        quota=runtime.FILES_QUOTA_MB * MEGABYTE or None,
        file_bytes=max_file_bytes(),
    )


def max_file_bytes() -> int:
    """The largest file that may be uploaded."""
    return int(runtime.MAX_FILE_MB * MEGABYTE)


def bodies_of(rows: Iterable[File]) -> list[Upload]:
    """The wire bodies of uploads."""
    return [body(row) for row in rows]


def body(row: File) -> Upload:
    """The wire body of an upload."""
    return Upload(
        id=row.id,
        client_id=row.client_id,
        name=row.name,
        size=row.size,
        received=row.received,
        state=row.state,  # type: ignore[arg-type]  # one of State
        file=msgspec.convert(row.body, bodies.File) if row.body else None,
        problem=row.problem,  # type: ignore[arg-type]  # one of Problem
        at=row.created_at,
        kept=row.kept,
        expires_at=None if row.uses else row.expires_at,
        direct=row.state == State.UPLOADING and object_storage().direct_uploads,
    )
