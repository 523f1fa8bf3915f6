"""Deletes files that nothing uses, then their objects.

First the rows, in one transaction that dooms the objects; then each doomed object, and its row
after it. So no row ever names an object that is gone, and no object is without a row.
"""

import logging
import time
from uuid import UUID

from django.db import connection, transaction
from django.db.models.functions import Now

from apps.core.errors import StorageUnavailable
from apps.files.actions.doomed import DELETING_TTL
from apps.files.deletion_hold import HOLD_NUMBER
from apps.files.gateways import objects
from apps.files.models import Blob, Chunk, File, StoredObject

logger = logging.getLogger(__name__)
MAX_FILES_AT_ONCE = 100
MAX_OBJECTS_AT_ONCE = 500
# After so many the storage is away. Each may take some seconds.
MAX_FAILURES = 3
# A pass ends after about this time, before the time limit of its task.
PASS_S = 20.0
DOOM = "UPDATE files_storedobject SET doomed_at = now() WHERE key = ANY(%s)"
# Locks the blobs first: a file that is being processed may be about to share one.
LOCK_BLOBS = "SELECT id FROM files_blob WHERE id = ANY(%s) ORDER BY id FOR UPDATE"
# An object that cannot be deleted now waits, so that others are not kept by it.
CLAIM = """
UPDATE files_storedobject SET doomed_at = now() + %s * interval '1 second' WHERE key IN (
    SELECT key FROM files_storedobject
    WHERE doomed_at <= now() AND (writable_until IS NULL OR writable_until <= now())
    ORDER BY doomed_at LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING key
"""


def delete_unused() -> None:
    """Delete expired files, then doomed objects. Safe to run concurrently anywhere."""
    until = time.monotonic() + PASS_S
    while time.monotonic() < until and _delete_files() == MAX_FILES_AT_ONCE:
        pass
    while time.monotonic() < until and _delete_objects() == MAX_OBJECTS_AT_ONCE:
        pass


def _delete_files() -> int:
    with transaction.atomic():
        expired = File.objects.filter(uses=0, expires_at__lte=Now()).order_by("expires_at")
        rows = list(expired.select_for_update(skip_locked=True)[:MAX_FILES_AT_ONCE])
        ids = [row.id for row in rows]
        chunks = Chunk.objects.filter(file__in=ids)
        keys = list(chunks.values_list("key", flat=True))
        keys += [row.direct_key for row in rows if row.direct_key]
        chunks.delete()
        File.objects.filter(id__in=ids).delete()
        keys += _delete_blobs({row.blob_id for row in rows if row.blob_id is not None})
        with connection.cursor() as cursor:
            cursor.execute(DOOM, [keys])
    return len(rows)


def _delete_blobs(candidates: set[UUID]) -> list[str]:
    """Delete those of the blobs that no file refers to. Returns the keys of their objects."""
    if not candidates:
        return []
    with connection.cursor() as cursor:
        cursor.execute(LOCK_BLOBS, [list(candidates)])
    unused = list(Blob.objects.filter(id__in=candidates, files=None))
    Blob.objects.filter(id__in=[blob.id for blob in unused]).delete()
    return [blob.key(variant["name"]) for blob in unused for variant in blob.content["variants"]]


def _delete_objects() -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock_shared(%s)", [HOLD_NUMBER])
        if cursor.fetchone() != (True,):
            return 0
        cursor.execute(CLAIM, [DELETING_TTL.total_seconds(), MAX_OBJECTS_AT_ONCE])
        keys = [key for (key,) in cursor.fetchall()]
    if keys:
        StoredObject.objects.filter(key__in=_deleted(keys), doomed_at__isnull=False).delete()
    return len(keys)


def _deleted(keys: list[str]) -> list[str]:
    """Delete these objects, and return those that are gone. One that cannot be deleted must not
    keep the others."""
    try:
        objects.delete(keys)
    except StorageUnavailable:
        pass
    else:
        return keys
    gone: list[str] = []
    failures = 0
    for key in keys:
        try:
            objects.delete([key])
        except StorageUnavailable:
            failures += 1
            if failures > MAX_FAILURES:
                break
        else:
            gone.append(key)
    return gone
