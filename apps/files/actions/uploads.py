"""Uploads: a file arrives in chunks, each stored as an object until all are there.

    begin > add_chunk … add_chunk > (a worker: actions.processing) > ready

PostgreSQL knows how much has arrived, so an upload goes on after a lost connection or on another
server. A chunk's object is registered before it is written (`StoredObject`): whatever kills the
process, nothing is left at the storage that no row names.
"""

import threading
from datetime import timedelta
from io import BytesIO
from uuid import UUID

from django.db import close_old_connections, transaction
from django.utils import timezone
from django.utils.translation import gettext

from apps.accounts.actions import streams
from apps.accounts.models import User
from apps.core.errors import (
    Conflict,
    FileTooLarge,
    Invalid,
    NotFound,
    NotPossible,
    StorageFull,
    StorageUnavailable,
)
from apps.core.file_names import safe_name
from apps.core.identifiers import new_id
from apps.core.limits import CHUNKS, DELETES, UPLOADS, limited
from apps.core.runtime import runtime
from apps.core.task_wakeup import TaskWakeup
from apps.files.actions.doomed import keep
from apps.files.actions.own_files import lock_own
from apps.files.actions.uses import wake_deletion
from apps.files.gateways import objects
from apps.files.models import Chunk, File, StoredObject
from apps.files.queries.uploads import EXISTING, MEGABYTE, get_own, max_file_bytes, used_bytes
from apps.wire.limits import MAX_CHUNK_BYTES, MIN_CHUNK_BYTES

State = File.State
# A file that nothing uses by then is deleted.
UNUSED_TTL = timedelta(hours=24)
# An object whose row refers to nothing by then belongs to a process that was killed.
WRITING_TTL = timedelta(hours=1)
# Longer than the storage may take for a part.
WRITE_TIMEOUT = timedelta(seconds=40)
# Parts that a process writes at the same time; each holds a thread and up to MAX_CHUNK_BYTES.
MAX_CONCURRENT_PUTS = 24
_puts = threading.BoundedSemaphore(MAX_CONCURRENT_PUTS)
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
    as_file: bool = False,
) -> File:
    """Begin an upload of `size` bytes. A repeated `client_id` returns the first upload. `as_file`:
    store a picture as it is, with its metadata.

    Raises NotFound for a closed account, Invalid for an empty file, FileTooLarge, StorageFull.
    """
    if size < 1:
        raise Invalid("This file is empty.", pointer="#/size")
    if size > max_file_bytes():
        words = gettext("A file may have up to {n} MB.").format(n=runtime.MAX_FILE_MB)
        raise FileTooLarge(words)
    with transaction.atomic():
        # Serializes the person's uploads, which share the quota, and the end of the account.
        streams.lock([user_id])
        if not User.objects.filter(id=user_id, is_active=True).exists():
            raise NotFound
        known = File.objects.filter(owner_id=user_id, client_id=client_id).first()
        if known is not None and (known.uses or known.expires_at > timezone.now()):
            return known
        if known is not None:
            # It was cancelled or has expired, and is only waiting to be deleted, or being deleted.
            File.objects.filter(id=known.id).update(client_id=new_id())
        if runtime.FILES_QUOTA_MB:
            room = runtime.FILES_QUOTA_MB * MEGABYTE - used_bytes(user_id)
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
            as_file=as_file,
            created_at=now,
            expires_at=now + UNUSED_TTL,
        )


@limited(CHUNKS)
def add_chunk(user_id: UUID, file_id: UUID, *, start: int, content: bytes) -> File:
    """Store the next bytes, which begin at `start`. Returns the upload as it is then.

    Raises NotFound, Conflict when another part is the next one, and Invalid for a part of a wrong
    size: all but the last have MIN_CHUNK_BYTES to MAX_CHUNK_BYTES.
    """
    size = len(content)
    row = get_own(user_id, file_id)
    check_part(row, start, size)
    key = f"incoming/{row.id}/{new_id()}"
    _begin_chunk(row.id, start, key, size)
    try:
        _put(key, content)
        return finish_chunk(row.id, start, key, size)
    except Exception:
        _doom_unless_part(key)
        File.objects.filter(id=row.id).update(writing_until=None)
        raise


def _doom_unless_part(key: str) -> None:
    """Doom an object that did not become a part. It may have: an error of `finish_chunk` may mean
    that only the response to its COMMIT was lost."""
    with transaction.atomic():
        # Waits for such a COMMIT, whose transaction has this row locked.
        held = StoredObject.objects.select_for_update().filter(key=key).first()
        if held is not None and not Chunk.objects.filter(key=key).exists():
            held.doomed_at = timezone.now()
            held.save(update_fields=["doomed_at"])
    wake_deletion()


def check_part(row: File, start: int, size: int) -> None:
    """Raises Invalid for a part of a wrong size."""
    is_last = start + size == row.size
    if size < (1 if is_last else MIN_CHUNK_BYTES) or size > MAX_CHUNK_BYTES:
        raise Invalid(f"A part has {MIN_CHUNK_BYTES} to {MAX_CHUNK_BYTES} bytes.")
    if start + size > row.size:
        raise Invalid("This part ends after the end of the file.")


def _begin_chunk(file_id: UUID, start: int, key: str, size: int) -> None:
    """Register the object before it is written. One part of a file is written at a time: others
    would be stored for nothing."""
    with transaction.atomic():
        held = lock_for_part(file_id, start)
        now = timezone.now()
        held.writing_until = now + WRITE_TIMEOUT
        held.save(update_fields=["writing_until"])
        StoredObject.objects.create(key=key, size=size, doomed_at=now + WRITING_TTL)


def _put(key: str, content: bytes) -> None:
    if not _puts.acquire(blocking=False):
        raise StorageUnavailable(retry_after=1)
    try:
        # The storage may take seconds: hold no connection to the database.
        close_old_connections()
        objects.put(key, BytesIO(content))
    finally:
        _puts.release()


def finish_chunk(file_id: UUID, start: int, key: str, size: int) -> File:
    """Make a stored object the next part of the upload. Raises NotFound, and Conflict when another
    part is the next one."""
    with transaction.atomic():
        held = _locked(file_id, start)
        if not keep([key], size=size):
            # This process stood still for so long that the object was deleted.
            raise Conflict
        Chunk.objects.create(file=held, start=start, size=size, key=key)
        held.received += size
        held.writing_until, held.direct_key = None, ""
        if held.received == held.size:
            held.state = State.PROCESSING
            transaction.on_commit(wake_processing)
        held.save(update_fields=["received", "state", "writing_until", "direct_key"])
    return held


def lock_for_part(file_id: UUID, start: int) -> File:
    """As `_locked`. Raises Conflict, too, while this server is storing a part."""
    held = _locked(file_id, start)
    if held.writing_until is not None and held.writing_until > timezone.now():
        raise Conflict("Another part of this file is being stored.")
    return held


def _locked(file_id: UUID, start: int) -> File:
    """The locked upload, whose next part begins at `start`. Raises NotFound and Conflict."""
    held = File.objects.select_for_update().filter(EXISTING, id=file_id).first()
    if held is None:
        raise NotFound
    if held.state != State.UPLOADING or held.received != start:
        raise Conflict(f"The next part begins at {held.received}.")
    return held


@limited(DELETES)
def cancel(user_id: UUID, file_id: UUID) -> None:
    """Delete an upload of the person's that no message has. A kept one is kept no longer.

    Raises NotFound, and NotPossible while a message has the file.
    """
    with transaction.atomic():
        row = lock_own(user_id, file_id)
        if row.is_shown:
            raise NotPossible("A message has this file. Delete or cancel the message first.")
        row.kept, row.uses, row.expires_at = False, 0, timezone.now()
        row.save(update_fields=["kept", "uses", "expires_at"])
        transaction.on_commit(wake_deletion)
