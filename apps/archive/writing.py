"""Writes archives into a folder or a ZIP file, equal bytes for equal content."""

import hashlib
import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import SpooledTemporaryFile, TemporaryFile
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import msgspec

COPIED_BYTES = 1_048_576
SPOOLED_BYTES = 4_194_304
# The first moment that ZIP knows: when an archive was made is nowhere in it.
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
UNIX = 3
FILE_MODE = 0o100600
_encoder = msgspec.json.Encoder()


class Target(ABC):
    """Where an archive is written, one file after the other."""

    def __init__(self) -> None:
        self._contents: set[str] = set()

    @abstractmethod
    def file(self, name: str, *, is_content: bool = False) -> AbstractContextManager[IO[bytes]]:
        """`with target.file(name) as file`: a new file. A content is not compressed."""

    def records(self, name: str, records: Iterable[msgspec.Struct]) -> int:
        """Write a record a line. Returns their number."""
        count = 0
        with self.file(name) as file:
            for record in records:
                file.write(line(record))
                count += 1
        return count

    def copy(self, name: str, source: IO[bytes], *, is_content: bool = False) -> None:
        """Write a file as the rest of another one."""
        with self.file(name, is_content=is_content) as file:
            _copy(source, file)

    def content(self, source: IO[bytes]) -> tuple[str, int]:
        """Write a content, unless it is there. Returns its SHA-256 in hex and its size."""
        digest = hashlib.sha256()
        with SpooledTemporaryFile(SPOOLED_BYTES) as held:
            while part := source.read(COPIED_BYTES):
                digest.update(part)
                held.write(part)
            sha256, size = digest.hexdigest(), held.tell()
            held.seek(0)
            if sha256 not in self._contents:
                self.copy(f"contents/{sha256}", held, is_content=True)
                self._contents.add(sha256)
        return sha256, size


class Below(Target):
    """A folder of another target."""

    def __init__(self, target: Target, folder: str) -> None:
        super().__init__()
        self._target, self._folder = target, folder

    def file(self, name: str, *, is_content: bool = False) -> AbstractContextManager[IO[bytes]]:
        """A file below that folder."""
        return self._target.file(f"{self._folder}/{name}", is_content=is_content)


class FolderTarget(Target):
    """A folder, which is made. Raises FileExistsError."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        path.mkdir(mode=0o700)
        self._path = path

    @contextmanager
    def file(self, name: str, *, is_content: bool = False) -> Iterator[IO[bytes]]:
        """A file of the folder."""
        path = self._path / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(path, "xb", opener=_private) as file:
            yield file


class ZipTarget(Target):
    """A ZIP file, opened for writing."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._zip = ZipFile(file, "w", ZIP_DEFLATED)

    @contextmanager
    def file(self, name: str, *, is_content: bool = False) -> Iterator[IO[bytes]]:
        """A member of the ZIP file."""
        member = ZipInfo(name, ZIP_DATE)
        member.compress_type = ZIP_STORED if is_content else ZIP_DEFLATED
        member.create_system, member.external_attr = UNIX, FILE_MODE << 16
        with self._zip.open(member, "w", force_zip64=True) as file:
            yield file

    def close(self) -> None:
        """Write the directory of the ZIP file."""
        self._zip.close()


@contextmanager
def new_target(path: Path) -> Iterator[Target]:
    """A new archive at this path: a ZIP file if it ends so, else a folder. Raises FileExistsError.
    What an interrupted export wrote is left for the caller to delete."""
    if path.suffix.lower() != ".zip":
        yield FolderTarget(path)
        return
    with open(path, "xb", opener=_private) as file:
        target = ZipTarget(file)
        yield target
        target.close()


@contextmanager
def held_lines() -> Iterator[IO[bytes]]:
    """Lines that are written before their file can be."""
    with TemporaryFile() as file:
        yield file


def line(record: msgspec.Struct) -> bytes:
    """A record as a line."""
    return _encoder.encode(record) + b"\n"


def _copy(source: IO[bytes], file: IO[bytes]) -> None:
    while part := source.read(COPIED_BYTES):
        file.write(part)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
