"""Copies of files, which stay when the files do not.

A copy shares the stored content and counts as somebody else's: its first owner neither sees it in
a list, nor is it counted for them, nor can they tell that there is one.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection
from django.utils import timezone

from apps.files.models import File

# Those that are still there, held against deletion until the commit. See docs/locks.md.
HOLD = "SELECT id FROM files_file WHERE id = ANY(%s) AND state = 'ready' ORDER BY id FOR KEY SHARE"


def copy_files(files: Iterable[UUID], *, owner: UUID) -> list[File]:
    """Copy those files that are ready. Call it inside a transaction. `client_id` of a copy is the
    id of its original; it has one use, which `uses.remove` takes away."""
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [sorted(files)])
        held = [file for (file,) in cursor.fetchall()]
    now = timezone.now()
    return File.objects.bulk_create(
        File(
            owner_id=owner,
            client_id=row.id,
            name=row.name,
            size=row.size,
            received=row.received,
            state=row.state,
            duration_ms=row.duration_ms,
            waveform=row.waveform,
            as_file=row.as_file,
            blob_id=row.blob_id,
            body=row.body,
            uses=1,
            created_at=now,
            expires_at=now,
        )
        for row in File.objects.filter(id__in=held).order_by("id")
    )
