"""The row lock of changes that a person makes to a file of theirs."""

from uuid import UUID

from django.utils import timezone

from apps.accounts.models import User
from apps.core.errors import NotFound
from apps.files.models import File
from apps.files.queries.uploads import EXISTING


def lock_own(user_id: UUID, file_id: UUID) -> File:
    """The locked row of the person's file: neither deletion nor a count of its uses gets between.

    Raises NotFound, also for a closed account.
    """
    if not User.objects.filter(id=user_id, is_active=True).exists():
        raise NotFound
    # Without the key: a send that names the file does not wait for this.
    rows = File.objects.select_for_update(no_key=True)
    row = rows.filter(EXISTING, id=file_id, owner_id=user_id).first()
    # Deleted while this waited for the lock: the statement compares with the time when it began.
    if row is None or (not row.uses and row.expires_at <= timezone.now()):
        raise NotFound
    return row
