"""The files of exports, at Django's default storage: the folder FILES_ROOT, or what the operator
configured instead."""

from collections.abc import Callable
from tempfile import TemporaryFile
from typing import IO

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage

from apps.accounts.models import Export


def store(export: Export, write: Callable[[IO[bytes]], None]) -> int:
    """Let `write` write the file of this claim, and store it when it is whole. Returns its size."""
    # Has no name, so nothing of it is left when the worker dies. Not in /tmp, which may be memory.
    settings.FILES_ROOT.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryFile(dir=settings.FILES_ROOT) as file:
        write(file)
        size = file.tell()
        file.seek(0)
        name = _name(export, export.attempt)
        # A name that exists would make the storage choose another one.
        default_storage.delete(name)
        default_storage.save(name, File(file))
    return size


def open_file(export: Export) -> IO[bytes]:
    """The file of a ready export. Raises FileNotFoundError."""
    file: IO[bytes] = default_storage.open(_name(export, export.attempt), "rb")
    return file


def delete_all(export: Export) -> None:
    """Delete the files of all claims. A file that does not exist is no error."""
    for attempt in range(1, export.attempt + 1):
        default_storage.delete(_name(export, attempt))


def delete_one(export: Export) -> None:
    """Delete the file of this claim."""
    default_storage.delete(_name(export, export.attempt))


def _name(export: Export, attempt: int) -> str:
    """Each claim has a file of its own: a worker that lost its claim never writes over the file of
    the next one."""
    return f"exports/{export.id}-{attempt}.zip"
