"""Uploads that wait for a worker."""

from datetime import timedelta
from uuid import UUID

from django.db import connection

# The first upload of each person comes before the second ones.
NEXT = """
SELECT id FROM (
    SELECT id, row_number() OVER (PARTITION BY owner_id ORDER BY id) AS place
    FROM files_file
    WHERE state = 'processing' AND attempt < %(attempts)s
        AND (claimed_at IS NULL OR claimed_at < now() - %(lease)s * interval '1 second')
) waiting ORDER BY place, id LIMIT %(limit)s
"""


def next_uploads(*, limit: int, attempts: int, lease: timedelta) -> list[UUID]:
    """The unclaimed uploads to process next, in turn for all people who wait."""
    values = {"limit": limit, "attempts": attempts, "lease": lease.total_seconds()}
    with connection.cursor() as cursor:
        cursor.execute(NEXT, values)
        return [file for (file,) in cursor.fetchall()]
