"""Compares the storage with the database.

Rows are written before their objects and deleted after them. So an object without a row is left of
a restored database or of a hand, and a row without its object is a loss.
"""

from collections.abc import Iterator
from itertools import islice

from django.db import connection, transaction
from msgspec import Struct

from apps.files.gateways import objects

BATCH = 1_000
# The prefixes of `Blob.key`, of chunks, and of custom emoji. Others belong to other apps.
PREFIXES = ("files/", "incoming/", "emoji/")
LISTED = "CREATE TEMPORARY TABLE listed (key text PRIMARY KEY, size bigint) ON COMMIT DROP"
LIST = """
INSERT INTO listed SELECT * FROM unnest(%s::text[], %s::bigint[]) ON CONFLICT (key) DO NOTHING
"""
# Rows that were live when the listing began: their objects must be in it.
EXPECTED = """
CREATE TEMPORARY TABLE expected ON COMMIT DROP AS
SELECT key, size FROM files_storedobject WHERE doomed_at IS NULL
"""
# Those that are still live: not deleted while the storage was listed.
MISSING = """
SELECT e.key FROM expected e LEFT JOIN listed l USING (key)
WHERE (l.key IS NULL OR l.size <> e.size) AND EXISTS (
    SELECT FROM files_storedobject s WHERE s.key = e.key AND s.doomed_at IS NULL)
ORDER BY e.key
"""
STRAY = """
SELECT l.key, l.size FROM listed l
WHERE NOT EXISTS (SELECT FROM files_storedobject s WHERE s.key = l.key) ORDER BY l.key
"""


class Differences(Struct, frozen=True):
    """`missing`: objects that rows name, and that are not there or have another size. `stray`:
    objects, with their sizes, that no row names."""

    compared: int
    missing: list[str]
    stray: list[tuple[str, int]]


@transaction.atomic
def compare() -> Differences:
    """Compare all objects. Reads the storage's listing once, in parts."""
    with connection.cursor() as cursor:
        cursor.execute(EXPECTED)
        cursor.execute(LISTED)
        for prefix in PREFIXES:
            for part in _parts(objects.listing(prefix)):
                cursor.execute(LIST, [[each.key for each in part], [each.size for each in part]])
        cursor.execute("SELECT count(*) FROM listed")
        [compared] = cursor.fetchone()
        cursor.execute(MISSING)
        missing = [key for (key,) in cursor.fetchall()]
        cursor.execute(STRAY)
        return Differences(compared, missing, cursor.fetchall())


def delete_stray(found: Differences) -> None:
    """Delete the objects that no row names."""
    objects.delete([key for key, _ in found.stray])


def _parts(
    listing: Iterator[objects.StoredObject],
) -> Iterator[list[objects.StoredObject]]:
    while part := list(islice(listing, BATCH)):
        yield part
