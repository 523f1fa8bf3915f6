"""Objects in a folder of this machine."""

import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from errno import ENOSPC
from pathlib import Path
from tempfile import mkstemp
from typing import IO

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

from apps.core.storage import ObjectMissing, StoredObject, UploadForm
from apps.core.storage.outages import reported

COPY_BYTES = 1024 * 1024
# Begins the names of files that are being written. A killed process leaves its file behind: after
# this time it is listed like an object, so that it is found and deleted.
PART = ".part-"
PART_TTL_S = 86_400
# Less does not take the parts of an upload (8 MiB each).
MIN_FREE_BYTES = 16 * 2**20


class Folder(FileSystemStorage):
    """One file per object, which only this user can read."""

    direct_uploads = False

    def put(self, key: str, file: IO[bytes]) -> None:
        """Write a temporary file next to the object, sync it, and rename it: after a crash there is
        the whole object or none."""
        with reported(OSError):
            path = Path(self.path(key))
            file.seek(0)
            handle, temporary = self._create_temporary(path.parent)
            try:
                with os.fdopen(handle, "wb") as copy:
                    shutil.copyfileobj(file, copy, COPY_BYTES)
                    copy.flush()
                    os.fsync(copy.fileno())
                os.replace(temporary, path)
            except BaseException:
                with suppress(OSError):
                    os.unlink(temporary)
                raise
            _sync_folder(path.parent)

    def open_object(self, key: str) -> IO[bytes]:
        """The open file. Raises ObjectMissing."""
        with reported(OSError):
            try:
                return open(self.path(key), "rb")
            except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
                raise ObjectMissing(key) from error

    def read_range(self, key: str, start: int, length: int) -> bytes:
        """Bytes of the file. Raises ObjectMissing."""
        with reported(OSError), self.open_object(key) as file:
            file.seek(start)
            return file.read(length)

    def delete_objects(self, keys: Iterable[str]) -> None:
        """Delete files, and folders that are empty then."""
        with reported(OSError):
            for key in keys:
                path = Path(self.path(key))
                with suppress(FileNotFoundError, NotADirectoryError):
                    path.unlink()
                self._remove_empty(path.parent)

    def listing(self, prefix: str) -> Iterator[StoredObject]:
        """Files below the folder, except those that are being written."""
        root = Path(self.location)
        now = time.time()
        with reported(OSError):
            for folder, _, names in os.walk(self.path(prefix.rpartition("/")[0])):
                for name in names:
                    path = Path(folder, name)
                    key = path.relative_to(root).as_posix()
                    if not key.startswith(prefix):
                        continue
                    with suppress(FileNotFoundError):  # deleted since the folder was read
                        found = path.stat()
                        if not (name.startswith(PART) and now - found.st_mtime < PART_TTL_S):
                            changed_at = datetime.fromtimestamp(found.st_mtime, UTC)
                            yield StoredObject(key, found.st_size, changed_at)

    def public_link(self, key: str, *, headers: Mapping[str, str], ttl_s: int) -> str | None:
        """None: files are read through the web processes."""
        return None

    def upload_form(self, key: str, *, size: int, ttl_s: int) -> UploadForm:
        """Files are uploaded through the web processes."""
        raise NotImplementedError

    def check(self) -> None:
        """Return if files can be written."""
        with reported(OSError):
            folder = Path(self.location)
            _make_folder(folder)
            if not os.access(folder, os.W_OK | os.X_OK):
                raise PermissionError(f"{folder} cannot be written")
            if shutil.disk_usage(folder).free < MIN_FREE_BYTES:
                raise OSError(ENOSPC, os.strerror(ENOSPC), str(folder))

    def _save(self, name: str, content: "File[bytes]") -> str:
        """Django's own way to store a file, as `put`."""
        self.put(name, content)
        return name

    def _create_temporary(self, folder: Path) -> tuple[int, str]:
        while True:
            _make_folder(folder)
            # Another process may remove the folder in between, because it is empty.
            with suppress(FileNotFoundError):
                return mkstemp(prefix=PART, dir=folder)  # mode 0600 by mkstemp(3)

    def _remove_empty(self, folder: Path) -> None:
        root = Path(self.location)
        while folder != root:
            try:
                folder.rmdir()
            except OSError:
                return  # it has files, or another process removed it
            folder = folder.parent


def _make_folder(folder: Path) -> None:
    """Create a folder and those above it, to last like the files in it."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
