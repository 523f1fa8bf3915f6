"""Files that people keep for themselves, whether or not a message shows them."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.core.errors import NotPossible
from apps.core.limits import FILE_CHANGES, limited
from apps.files.actions.own_files import lock_own
from apps.files.actions.uploads import UNUSED_TTL
from apps.files.models import File


@limited(FILE_CHANGES)
def set_kept(user_id: UUID, file_id: UUID, *, kept: bool) -> File:
    """Keep a file of the person's, or stop keeping it. Idempotent. Keeping is one use; a file that
    is left without any is deleted after UNUSED_TTL.

    Raises NotFound, and NotPossible for a file that is not ready.
    """
    with transaction.atomic():
        row = lock_own(user_id, file_id)
        if kept and row.state != File.State.READY:
            raise NotPossible("This file is not ready yet. Wait for its upload.")
        if row.kept != kept:
            row.kept = kept
            row.uses += 1 if kept else -1
            if not row.uses:
                row.expires_at = timezone.now() + UNUSED_TTL
            row.save(update_fields=["kept", "uses", "expires_at"])
    return row
