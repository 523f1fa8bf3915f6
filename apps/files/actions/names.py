"""Names of files, which their owners change."""

from pathlib import PurePosixPath
from uuid import UUID

import msgspec
from django.db import transaction

from apps.core.errors import Invalid, NotPossible
from apps.core.file_names import safe_name
from apps.core.limits import FILE_CHANGES, limited
from apps.files.actions.own_files import lock_own
from apps.files.file_bodies import file_body
from apps.files.models import File


@limited(FILE_CHANGES)
def rename(user_id: UUID, file_id: UUID, name: str) -> File:
    """Give a file of the person's another name, made harmless by `safe_name`. A name
    without an extension keeps the former one.

    Raises Invalid for an empty name, NotFound, and NotPossible while a message shows the file:
    messages carry its name. A message sent in the same milliseconds keeps the old name.
    """
    if not name.strip():
        raise Invalid("Give the file a name.", pointer="#/name")
    with transaction.atomic():
        row = lock_own(user_id, file_id)
        if row.is_shown:
            raise NotPossible("A message shows this file under its name.")
        row.name = safe_name(_with_extension(name.strip(), row.name))
        if row.blob is not None:
            row.body = msgspec.to_builtins(file_body(row, row.blob))
        row.save(update_fields=["name", "body"])
    return row


def _with_extension(name: str, before: str) -> str:
    extension = PurePosixPath(before).suffix
    return name if PurePosixPath(name).suffix else name + extension
