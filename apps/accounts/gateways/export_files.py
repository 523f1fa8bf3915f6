"""The files of exports, at the object storage."""

from collections.abc import Callable
from datetime import timedelta
from tempfile import TemporaryFile
from typing import IO

from django.conf import settings

from apps.accounts.models import Export
from apps.core.storage import delete_objects_older, object_storage

PREFIX = "exports/"


def store(export: Export, write: Callable[[IO[bytes]], None]) -> int:
    """Let `write` write the file of this claim, and store it when it is whole. Returns its size."""
    # Has no name, so nothing of it is left when the worker dies. Not in /tmp, which may be memory.
    settings.FILES_ROOT.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryFile(dir=settings.FILES_ROOT) as file:
        write(file)
        size = file.tell()
        file.seek(0)
        object_storage().put(_key(export, export.attempt), file)
    return size


def read_range(export: Export, start: int, length: int) -> bytes:
    """Bytes of the file of a ready export. Raises ObjectMissing."""
    return object_storage().read_range(_key(export, export.attempt), start, length)


def delete_all(export: Export) -> None:
    """Delete the files of all claims, also of those before the export was tried again."""
    storage = object_storage()
    storage.delete_objects([each.key for each in storage.listing(f"{PREFIX}{export.id}-")])


def delete_one(export: Export) -> None:
    """Delete the file of this claim."""
    object_storage().delete_objects([_key(export, export.attempt)])


def delete_older(age: timedelta) -> None:
    """Delete the files that were stored so long ago, also those that no row names."""
    delete_objects_older(PREFIX, age)


def _key(export: Export, attempt: int) -> str:
    """Each claim has a file of its own: a worker that lost its claim never writes over the file of
    the next one."""
    return f"{PREFIX}{export.id}-{attempt}.zip"
