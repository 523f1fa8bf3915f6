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
from apps.core.clean_text import clean_line
from apps.core.errors import (
    Conflict,
    FileTooLarge,
    Invalid,
    NotFound,
    NotPossible,
    StorageFull,
)
from apps.core.identifiers import new_id
from apps.core.limits import CHUNKS, DELETES, UPLOADS, limited
from apps.core.task_wakeup import TaskWakeup
from apps.files.gateways import objects
from apps.files.models import Chunk, File, StoredObject
from apps.files.queries.uploads import MEGABYTE, get_own, max_file_bytes, used_bytes
from apps.wire.limits import MAX_CHUNK_BYTES, MAX_FILE_NAME_LENGTH, MIN_CHUNK_BYTES

State = File.State
# A file that nothing uses by then is deleted.
UNUSED_TTL = timedelta(hours=24)
# An object whose row refers to nothing by then belongs to a process that was killed.
WRITING_TTL = timedelta(hours=1)
FALLBACK_NAME = "file"
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
            name=clean_name(name),
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
    """Delete an upload of the person's that nothing uses. Idempotent.

    Raises NotFound, and NotPossible while a message shows the file.
    """
    get_own(user_id, file_id)
    unused = File.objects.filter(id=file_id, owner_id=user_id, uses=0)
    if not unused.update(expires_at=timezone.now()):
        raise NotPossible("A message shows this file. Delete the message first.")


def clean_name(name: str) -> str:
    """A file name that is harmless wherever it is shown or saved: one line, no path."""
    letters = (" " if letter.isspace() else letter for letter in name[-1_000:])
    printable = "".join(letter for letter in letters if letter.isprintable())
    shown = printable.replace("/", "_").replace("\\", "_").strip(" .")
    try:
        cleaned = clean_line(shown)
    except ValueError:
        cleaned = ""
    return _shortened(cleaned) or FALLBACK_NAME


def _shortened(name: str) -> str:
    """Within MAX_FILE_NAME_LENGTH, with the ending, by which people know what a file is."""
    if len(name) <= MAX_FILE_NAME_LENGTH:
        return name
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 10:
        return name[:MAX_FILE_NAME_LENGTH]
    return f"{stem[: MAX_FILE_NAME_LENGTH - 1 - len(ending)]}.{ending}"
