"""Where backups are: a folder, or a bucket of an S3 server."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO
from urllib.parse import urlsplit

from django.conf import settings
from msgspec import Struct

from apps.backups.errors import BackupError
from apps.backups.manifest import Part
from apps.backups.time_limit import TimeLimit
from apps.core.errors import StorageUnavailable
from apps.core.storage import ObjectMissing, ObjectStorage, StoredObject
from apps.core.storage.bucket import Bucket
from apps.core.storage.folder import Folder


class Destination(Struct, frozen=True):
    """Objects below `prefix`. Each method raises BackupError in an outage, and after `limit`."""

    storage: ObjectStorage
    prefix: str
    shown: str
    limit: TimeLimit | None = None

    def put(self, name: str, file: IO[bytes]) -> Part:
        """Store a file, whole or not at all. Returns what was stored."""
        found = _measure(name, file)
        with self._reported("written"):
            self.storage.put(self.prefix + name, file)
        return found

    def put_bytes(self, name: str, content: bytes) -> Part:
        """Store a small file."""
        return self.put(name, BytesIO(content))

    @contextmanager
    def open(self, part: Part) -> Iterator[IO[bytes]]:
        """The stored bytes of a part, as a file. Raises BackupError unless they are those that the
        manifest names."""
        with self._opened(part.name) as file:
            found = _measure(part.name, file)
            if found.size != part.size:
                raise BackupError(
                    f"{part.name} of the backup is cut off: it has {found.size} of {part.size} "
                    "bytes."
                )
            if found.sha256 != part.sha256:
                raise BackupError(f"{part.name} of the backup is damaged: its SHA-256 differs.")
            yield file

    def read(self, name: str) -> bytes:
        """A small object whose hash nobody has."""
        with self._opened(name) as file:
            return file.read()

    def measure(self, name: str) -> Part:
        """Size and hash of a stored object."""
        with self._opened(name) as file:
            return _measure(name, file)

    def listing(self, prefix: str) -> Iterator[StoredObject]:
        """The objects whose names begin with `prefix`."""
        with self._reported("listed"):
            for each in self.storage.listing(self.prefix + prefix):
                yield each._replace(key=each.key.removeprefix(self.prefix))

    def delete(self, names: Iterable[str]) -> None:
        """Delete objects. A missing one is no error."""
        with self._reported("deleted"):
            self.storage.delete_objects(self._in_time(names))

    def _in_time(self, names: Iterable[str]) -> Iterator[str]:
        # After the limit, another run may count on what this one was about to delete.
        for name in names:
            self._refuse_overdue()
            yield self.prefix + name

    @contextmanager
    def _opened(self, name: str) -> Iterator[IO[bytes]]:
        try:
            with self._reported("read"):
                file = self.storage.open_object(self.prefix + name)
        except ObjectMissing:
            raise BackupError(f"{name} of the backup is missing at {self.shown}.") from None
        with file:
            yield file

    def _refuse_overdue(self) -> None:
        if self.limit:
            self.limit.seconds_left()

    @contextmanager
    def _reported(self, done: str) -> Iterator[None]:
        self._refuse_overdue()
        try:
            yield
        except StorageUnavailable as error:
            raise BackupError(f"{self.shown} cannot be {done}: {error.__cause__}") from error


def _measure(name: str, file: IO[bytes]) -> Part:
    """Size and hash of a file, which is at its begin then."""
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256")  # type: ignore[arg-type]
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return Part(name, size, digest.hexdigest())


def destination(where: str, limit: TimeLimit | None = None) -> Destination:
    """The destination of BACKUP_TO or of a command: a path, or `s3://bucket/prefix`. Raises
    BackupError."""
    if not where:
        raise BackupError("No destination: set BACKUP_TO, or name one.")
    if not where.startswith("s3://"):
        path = Path(where).absolute()
        if path.is_file():
            raise BackupError(f"{path} is a file: name a folder, or s3://bucket/prefix.")
        return Destination(Folder(location=path, allow_overwrite=True), "", str(path), limit)
    url = urlsplit(where)
    storage = Bucket(bucket_name=url.netloc, **settings.BACKUP_BUCKET)
    prefix = url.path.strip("/")
    return Destination(storage, f"{prefix}/" if prefix else "", where, limit)


@contextmanager
def temporary_file() -> Iterator[IO[bytes]]:
    """A file without a name, on the disk of FILES_ROOT: /tmp may be memory."""
    try:
        settings.FILES_ROOT.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryFile(dir=settings.FILES_ROOT) as file:
            yield file
    except OSError as error:
        raise BackupError(f"{settings.FILES_ROOT} cannot be used: {error}") from error
