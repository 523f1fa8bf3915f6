"""Uploads: a file arrives in chunks, each stored as an object until all are there.

    begin > add_chunk … add_chunk > (a worker: actions.processing) > ready

PostgreSQL knows how much has arrived, so an upload goes on after a lost connection or on another
server. A chunk's object is registered before it is written (`StoredObject`): whatever kills the
process, nothing is left at the storage that no row names.
"""

from datetime import timedelta
from io import BytesIO
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from apps.accounts.actions import streams
from apps.accounts.models import User
from apps.core.errors import (
    Conflict,
    FileTooLarge,
    Invalid,
    NotFound,
    NotPossible,
    StorageFull,
)
from apps.core.file_names import safe_name
from apps.core.identifiers import new_id
from apps.core.limits import CHUNKS, DELETES, UPLOADS, limited
from apps.core.task_wakeup import TaskWakeup
from apps.files.actions.own_files import lock_own
from apps.files.actions.uses import wake_deletion
from apps.files.gateways import objects
from apps.files.models import Chunk, File, StoredObject
from apps.files.queries.uploads import MEGABYTE, get_own, max_file_bytes, used_bytes
from apps.wire.limits import MAX_CHUNK_BYTES, MIN_CHUNK_BYTES

State = File.State
# A file that nothing uses by then is deleted.
UNUSED_TTL = timedelta(hours=24)
# An object whose row refers to nothing by then belongs to a process that was killed.
WRITING_TTL = timedelta(hours=1)
wake_processing = TaskWakeup("apps.files.tasks.process_files")


@limited(UPLOADS)
def begin(
    user_id: UUID,
    *,
    client_id: UUID,
    name: str,
    size: int,
    duration_ms: int | None = None,
    waveform: bytes | None = None,
) -> File:
    """Begin an upload of `size` bytes. A repeated `client_id` returns the first upload.

    Raises NotFound for a closed account, Invalid for an empty file, FileTooLarge, StorageFull.
    """
    if size < 1:
        raise Invalid("This file is empty.", pointer="#/size")
    if size > max_file_bytes():
        raise FileTooLarge(f"A file may have up to {settings.MAX_FILE_MB} MB.")
    with transaction.atomic():
        # Serializes the person's uploads, which share the quota, and the end of the account.
        streams.lock([user_id])
        if not User.objects.filter(id=user_id, is_active=True).exists():
            raise NotFound
        known = File.objects.filter(owner_id=user_id, client_id=client_id).first()
        if known is not None:
            return known
        if settings.FILES_QUOTA_MB:
            room = settings.FILES_QUOTA_MB * MEGABYTE - used_bytes(user_id)
            if size > room:
                raise StorageFull
        now = timezone.now()
        return File.objects.create(
            owner_id=user_id,
            client_id=client_id,
            name=safe_name(name),
            size=size,
            duration_ms=duration_ms,
            waveform=waveform,
            created_at=now,
            expires_at=now + UNUSED_TTL,
        )


@limited(CHUNKS)
def add_chunk(user_id: UUID, file_id: UUID, *, start: int, content: bytes) -> File:
    """Store the next bytes, which begin at `start`. Returns the upload as it is then.

    Raises NotFound, Conflict when another part is the next one, and Invalid for a part of a wrong
    size: all but the last have MIN_CHUNK_BYTES to MAX_CHUNK_BYTES.
    """
    row, size = get_own(user_id, file_id), len(content)
    _check_next(row, start)
    is_last = start + size == row.size
    if size < (1 if is_last else MIN_CHUNK_BYTES) or size > MAX_CHUNK_BYTES:
        raise Invalid(f"A part has {MIN_CHUNK_BYTES} to {MAX_CHUNK_BYTES} bytes.")
    if start + size > row.size:
        raise Invalid("This part ends after the end of the file.")
    key = f"incoming/{row.id}/{new_id()}"
    StoredObject.objects.create(key=key, size=size, doomed_at=timezone.now() + WRITING_TTL)
    objects.put(key, BytesIO(content))
    with transaction.atomic():
        held = File.objects.select_for_update().filter(id=row.id).first()
        if held is None:
            raise NotFound
        _check_next(held, start)
        StoredObject.objects.filter(key=key).update(doomed_at=None)
        Chunk.objects.create(file=held, start=start, size=size, key=key)
        held.received += size
        if held.received == held.size:
            held.state = State.PROCESSING
            transaction.on_commit(wake_processing)
        held.save(update_fields=["received", "state"])
    return held


def _check_next(row: File, start: int) -> None:
    if row.state != State.UPLOADING or row.received != start:
        raise Conflict(f"The next part begins at {row.received}.")


@limited(DELETES)
def cancel(user_id: UUID, file_id: UUID) -> None:
    """Delete an upload of the person's that no message shows. A kept one is kept no longer.

    Raises NotFound, and NotPossible while a message shows the file.
    """
    with transaction.atomic():
        row = lock_own(user_id, file_id)
        if row.is_shown:
            raise NotPossible("A message shows this file. Delete the message first.")
        row.kept, row.uses, row.expires_at = False, 0, timezone.now()
        row.save(update_fields=["kept", "uses", "expires_at"])
        transaction.on_commit(wake_deletion)
