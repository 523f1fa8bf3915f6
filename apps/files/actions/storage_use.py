"""Counts what is stored, so that pages about it read a few rows.

A count goes through the contents in the order of their owners, a batch in each transaction, and may
take several runs of its task: the row of the count says how far it is. Numbers of people that have
not changed are not written again.
"""

import time
from collections import defaultdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count, Sum
from django.utils import timezone

from apps.accounts.models import Export
from apps.files.models import Chunk, StorageCount, StorageUse

INTERVAL = timedelta(hours=1)
# A pass ends after about this time, before the time limit of its task.
PASS_S = 20.0
# Contents of a batch, and all others of its last person.
BATCH_SIZE = 5_000
FIRST, LAST = UUID(int=0), UUID(int=2**128 - 1)
# The person with whom the batch ends; none: it is the last batch.
END = """
SELECT owner_id FROM files_blob WHERE owner_id > %s ORDER BY owner_id OFFSET %s LIMIT 1
"""
USED = """
SELECT owner_id, content->>'kind', count(*), sum(stored)::bigint
FROM files_blob WHERE owner_id > %s AND owner_id <= %s GROUP BY 1, 2
"""
WRITE = """
INSERT INTO files_storageuse (owner_id, bytes, contents)
SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[])
ON CONFLICT (owner_id) DO UPDATE SET bytes = excluded.bytes, contents = excluded.contents
WHERE (files_storageuse.bytes, files_storageuse.contents)
    IS DISTINCT FROM (excluded.bytes, excluded.contents)
"""
Totals = dict[str, list[int]]


def count_storage() -> None:
    """Count what is stored, if the last count is older than INTERVAL. Safe to run concurrently
    anywhere."""
    until = time.monotonic() + PASS_S
    StorageCount.objects.bulk_create([StorageCount()], ignore_conflicts=True)
    while _count_batch() and time.monotonic() < until:
        pass


@transaction.atomic
def _count_batch() -> bool:
    """Count a batch. Returns whether another one follows."""
    count = StorageCount.objects.select_for_update(skip_locked=True).first()
    if count is None:  # another worker counts
        return False
    if count.after is None:
        if count.counted_at is not None and count.counted_at > timezone.now() - INTERVAL:
            return False
        count.after, count.counting = FIRST, {}
    end = _count_people(count.counting, count.after)
    count.after = end
    if end is None:
        count.totals = {**count.counting, **_others()}
        count.counted_at, count.counting = timezone.now(), {}
    count.save()
    return end is not None


def _count_people(totals: Totals, after: UUID) -> UUID | None:
    """Add the next people's contents to `totals`. Returns the last of these people; None when
    nobody follows."""
    with connection.cursor() as cursor:
        cursor.execute(END, [after, BATCH_SIZE])
        row = cursor.fetchone()
        end: UUID | None = row[0] if row else None
        cursor.execute(USED, [after, end or LAST])
        used: dict[UUID, list[int]] = defaultdict(lambda: [0, 0])
        for owner, kind, number, size in cursor.fetchall():
            for sums in (used[owner], totals.setdefault(kind, [0, 0])):
                sums[0] += number
                sums[1] += size
        counted = StorageUse.objects.filter(owner_id__gt=after, owner_id__lte=end or LAST)
        counted.exclude(owner_id__in=used).delete()
        sizes = [size for _, size in used.values()]
        cursor.execute(WRITE, [list(used), sizes, [number for number, _ in used.values()]])
    return end


def _others() -> Totals:
    """What is deleted soon, and so is little: parts of uploads that are not complete, and
    exports."""
    parts = Chunk.objects.aggregate(number=Count("*"), bytes=Sum("size"))
    ready = Export.objects.filter(state=Export.State.READY)
    exports = ready.aggregate(number=Count("id"), bytes=Sum("size"))
    return {"incomplete": _total(parts), "export": _total(exports)}


def _total(found: dict[str, Any]) -> list[int]:
    return [found["number"], int(found["bytes"] or 0)]
