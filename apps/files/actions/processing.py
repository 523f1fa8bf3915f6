"""Processing: a worker makes of a complete upload what messages show.

It joins the chunks, recognises the type by content, converts a picture into its variants (in a
limited child process), and stores the result. A worker that dies loses its claim, and another one
starts again. A picture that cannot be converted, or that killed its workers, fails: stored as it
is, it could say where it was taken (decision 0046). It is stored so if its sender wants that.
"""

import hashlib
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import msgspec
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_noop

from apps.core.claims import claim, still_held
from apps.core.draining import draining
from apps.core.errors import NotFound, NotPossible, StorageUnavailable
from apps.core.identifiers import new_id
from apps.files.actions import blobs
from apps.files.actions.uploads import wake_processing
from apps.files.actions.uses import wake_deletion
from apps.files.actions.workplaces import clear_workplaces, workplace
from apps.files.file_bodies import file_body
from apps.files.file_contents import ORIGINAL, Part, content_of
from apps.files.gateways import objects
from apps.files.models import Blob, File, StoredObject
from apps.files.pictures.errors import PictureError, TooLarge
from apps.files.queries.waiting import next_uploads
from apps.wire import bodies

logger = logging.getLogger(__name__)
State, Problem = File.State, File.Problem
# Pictures converted at the same time; each takes a core.
PARALLEL = 2
# A pass starts no file after this time, so that the task ends before its time limit.
PASS_S = 20.0
# Longer than a step: the claim is renewed between steps. A conversion takes up to 60 s.
LEASE = timedelta(seconds=90)
# A file whose workers died this often fails.
MAX_ATTEMPTS = 5
# After an outage of the storage, and not before, a file is tried again.
OUTAGE_PAUSE = timedelta(seconds=30)
READ_BYTES = 1_048_576


class Missing(Exception):
    """A chunk of the upload is not at the storage."""


def process_due() -> None:
    """Process uploads that are complete. Safe to run concurrently anywhere."""
    until = time.monotonic() + PASS_S
    _give_up()
    clear_workplaces()
    with ThreadPoolExecutor(PARALLEL, thread_name_prefix="files") as pool:
        while time.monotonic() < until:
            ids = next_uploads(limit=PARALLEL, attempts=MAX_ATTEMPTS, lease=LEASE)
            waiting = File.objects.filter(id__in=ids, state=State.PROCESSING)
            rows = claim(waiting.order_by("id"), limit=PARALLEL, lease=LEASE)
            if not ids or draining.is_set():
                return
            list(pool.map(_process_in_thread, rows))


def try_again(file_id: UUID) -> UUID:
    """Wake a worker for an upload that waits. Returns whose it is.

    Raises NotFound, and NotPossible for one that failed: its parts are deleted.
    """
    row = File.objects.filter(id=file_id, state__in=(State.PROCESSING, State.FAILED)).first()
    if row is None:
        raise NotFound
    if row.state == State.FAILED:
        raise NotPossible(gettext_noop("This file has to be sent again: its parts are deleted."))
    transaction.on_commit(wake_processing)
    person: UUID = row.owner_id
    return person


def _give_up() -> None:
    given_up = File.objects.filter(
        state=State.PROCESSING,
        attempt__gte=MAX_ATTEMPTS,
        claimed_at__lt=Now() - LEASE,
    )
    for row in given_up:
        logger.error("upload %s was given up after %d attempts", row.id, row.attempt)
        _fail(row, Problem.FAILED)


def _process_in_thread(row: File) -> None:
    try:
        _process(row)
    except StorageUnavailable:
        _release(row)
    except Missing:
        logger.exception("upload %s is incomplete at the storage", row.id)
        _fail(row, Problem.FAILED)
    except PictureError as error:
        logger.info("picture %s is not converted: %r", row.id, error)
        too_large = isinstance(error, TooLarge)
        _fail(row, Problem.TOO_MANY_PIXELS if too_large else Problem.NO_PICTURE)
    except Exception:  # its claim runs out, and it is tried again
        logger.exception("upload %s cannot be processed", row.id)
    finally:
        connection.close()


def _process(row: File) -> None:
    with workplace() as folder:
        source = folder / ORIGINAL
        sha256 = _join_chunks(row, source)
        equal = Blob.objects.filter(owner_id=row.owner_id, sha256=sha256, as_file=row.as_file)
        blob = equal.first()
        if blob is not None and blobs.is_whole(blob) and _finish(row, blob):
            return
        content, parts = content_of(row, source, folder)
        _renew(row)
        if blob is not None and _repair(row, blob, content, parts):
            return
        blob = Blob(
            id=new_id(),
            owner_id=row.owner_id,
            sha256=sha256,
            as_file=row.as_file,
            stored=sum(part.variant.size for part in parts),
            content=msgspec.to_builtins(content),
        )
        used = False
        try:
            blobs.store(blob, parts)
            used = _finish(row, blob)
        finally:
            if not used:
                blobs.doom_unless_used(blob, [blob.key(part.variant.name) for part in parts])


def _repair(row: File, blob: Blob, content: bodies.FileContent, parts: list[Part]) -> bool:
    """Store again what the storage has lost of a blob, now that its content was uploaded again.
    Returns whether the file is ready with it."""
    if msgspec.to_builtins(content) != blob.content:
        return False
    for part in parts:
        with part.path.open("rb") as file:
            objects.put(blob.key(part.variant.name), file)
    return _finish(row, blob)


def _join_chunks(row: File, target: Path) -> str:
    """Write the whole file to `target`. Returns its SHA-256 in hex. Raises Missing."""
    digest = hashlib.sha256()
    with target.open("wb") as file:
        for key in row.chunks.order_by("start").values_list("key", flat=True):
            try:
                chunk = objects.open_object(key)
            except objects.ObjectMissing as error:
                raise Missing from error
            _renew(row)
            with chunk:
                while part := chunk.read(READ_BYTES):
                    digest.update(part)
                    file.write(part)
        if file.tell() != row.size:
            raise Missing
    return digest.hexdigest()


def _finish(row: File, blob: Blob) -> bool:
    """Make the file ready with this content. Returns whether `blob` is what it refers to: not if an
    equal content has been stored since, if the claim was lost, or if `blob` was deleted."""
    with transaction.atomic():
        held = still_held(row)
        if held is None or held.state != State.PROCESSING:
            return False
        kept = blobs.kept(blob)
        if kept is None:
            return False
        held.blob, held.state, held.claimed_at = kept, State.READY, None
        held.body = msgspec.to_builtins(file_body(held, kept))
        held.save()
        _doom_chunks(held)
        return bool(kept.id == blob.id)


def _renew(row: File) -> None:
    """Keep the claim for another step. `_finish` finds out if it was lost."""
    File.objects.filter(id=row.id, attempt=row.attempt).update(claimed_at=Now())


def _release(row: File) -> None:
    """Give the claim back soon, without counting it: the storage was unavailable."""
    File.objects.filter(id=row.id, attempt=row.attempt, state=State.PROCESSING).update(
        claimed_at=Now() - LEASE + OUTAGE_PAUSE, attempt=row.attempt - 1
    )


def _fail(row: File, problem: File.Problem) -> None:
    with transaction.atomic():
        held = still_held(row)
        if held is None or held.state != State.PROCESSING:
            return
        held.state, held.problem, held.claimed_at = State.FAILED, problem, None
        held.save()
        _doom_chunks(held)


def _doom_chunks(row: File) -> None:
    keys = row.chunks.values("key")
    StoredObject.objects.filter(key__in=keys).update(doomed_at=timezone.now())
    row.chunks.all().delete()
    transaction.on_commit(wake_deletion)
