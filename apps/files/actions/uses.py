"""Counts what uses a file, in the transaction that adds or removes the use.

docs/locks.md: files are locked after members and before people's streams, in the order of their
ids.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction

from apps.core.task_wakeup import TaskWakeup

wake_deletion = TaskWakeup("apps.files.tasks.delete_unused_files")
LOCK = "SELECT id FROM files_file WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
CHANGE = """
UPDATE files_file f SET uses = f.uses + k.n,
    expires_at = CASE WHEN f.uses + k.n = 0 THEN now() + %s * interval '1 second'
                      ELSE f.expires_at END
FROM unnest(%s::uuid[], %s::int[]) AS k (id, n) WHERE f.id = k.id
"""


def lock(files: Iterable[UUID]) -> None:
    """Lock files whose uses change later in the transaction, after rows that come after files."""
    if ids := list(files):
        with connection.cursor() as cursor:
            cursor.execute(LOCK, [ids])


def add(files: Iterable[UUID]) -> None:
    """Count one more use for each occurrence. The caller holds the rows against deletion."""
    _change(Counter(files), 1)


def remove(files: Iterable[UUID], *, ttl: timedelta = timedelta()) -> None:
    """Count one use less for each occurrence. A file without uses is deleted after `ttl`."""
    counted = Counter(files)
    _change(counted, -1, ttl)
    if counted:
        transaction.on_commit(wake_deletion)


def _change(counted: Counter[UUID], sign: int, ttl: timedelta = timedelta()) -> None:
    if not counted:
        return
    lock(counted)
    with connection.cursor() as cursor:
        signed = [sign * n for n in counted.values()]
        cursor.execute(CHANGE, [ttl.total_seconds(), list(counted), signed])
