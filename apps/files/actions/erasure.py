"""Gives up the files of a person whose account is deleted."""

from uuid import UUID

from django.db import connection

from apps.accounts.erasure_handlers import Erased
from apps.files.models import BytesSaved

EXPIRE = """
UPDATE files_file SET kept = false, uses = uses - kept::int,
    expires_at = CASE WHEN uses = kept::int THEN now() ELSE expires_at END
WHERE id IN (
    SELECT id FROM files_file
    WHERE owner_id = %s AND (kept OR uses = 0 AND expires_at > now()) ORDER BY id FOR NO KEY UPDATE)
"""


def erase(user_id: UUID) -> Erased:
    """Stop keeping the person's files, and let those expire that nothing shows. Those in messages
    stay with the messages."""
    with connection.cursor() as cursor:
        cursor.execute(EXPIRE, [user_id])
        files = cursor.rowcount
    saved, _ = BytesSaved.objects.filter(user_id=user_id).delete()
    return {"files": files, "counts of the data saver": saved}
