"""Compressed and perhaps encrypted objects of a backup."""

import gzip
import shutil
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO

from msgspec import Struct

from apps.backups.errors import BackupError, NoIdentity
from apps.backups.gateways import encryption
from apps.backups.gateways.destination import Destination, temporary_file
from apps.backups.manifest import Part

# Of the content of a part. It bounds the temporary files of a backup and of a restore.
PART_BYTES = 128 * 2**20
# Three times as fast as the default, and a tenth larger.
LEVEL = 3
READ_BYTES = 4 * 2**20


class Vault(Struct, frozen=True):
    """A destination with the keys: `to` whom new objects are encrypted, and `by` which identities
    old ones are read. Both may be empty."""

    at: Destination
    to: Sequence[encryption.Recipient] = ()
    by: Sequence[encryption.Identity] = ()

    @property
    def suffix(self) -> str:
        """The end of the names of new objects."""
        return ".age" if self.to else ""

    def put(self, name: str, file: IO[bytes]) -> Part:
        """Store a file, encrypted if there are recipients."""
        if not self.to:
            return self.at.put(name, file)
        with temporary_file() as encrypted:
            file.seek(0)
            encryption.encrypt(file, encrypted, self.to)
            return self.at.put(f"{name}.age", encrypted)

    @contextmanager
    def open(self, part: Part) -> Iterator[IO[bytes]]:
        """The content of a part, once its hash was compared. Raises BackupError."""
        with self.at.open(part) as file:
            if not part.name.endswith(".age"):
                yield file
                return
            if not self.by:
                raise NoIdentity
            with temporary_file() as content:
                encryption.decrypt(file, content, self.by)
                content.seek(0)
                yield content

    def write_parts(self, name: Callable[[int], str], rows: Iterable[bytes]) -> Iterator[Part]:
        """Store rows in compressed parts, each of whole rows. `name` takes the number of a part."""
        left = iter(rows)
        number, row = 1, next(left, None)
        while row is not None:
            with temporary_file() as file:
                size = 0
                # Without a time, so that the same rows are the same bytes.
                with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=LEVEL, mtime=0) as packed:
                    while row is not None and size < PART_BYTES:
                        packed.write(row)
                        size += len(row)
                        row = next(left, None)
                yield self.put(f"{name(number)}.gz", file)
            number += 1

    def read_lines(self, part: Part) -> Iterator[bytes]:
        """The content of a compressed part, in blocks that end with a line feed."""
        with self.open(part) as file:
            try:
                with gzip.GzipFile(fileobj=file) as packed:
                    rest = b""
                    while block := packed.read(READ_BYTES):
                        lines, end, rest = (rest + block).rpartition(b"\n")
                        if end:
                            yield lines + end
            except (OSError, EOFError, zlib.error) as error:
                raise BackupError(f"{part.name} of the backup is damaged: {error}") from None

    def restore_file(self, part: Part, target: IO[bytes]) -> None:
        """Write the content of a stored file."""
        with self.open(part) as file:
            shutil.copyfileobj(file, target, READ_BYTES)
