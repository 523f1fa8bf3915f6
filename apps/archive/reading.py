"""Reads archives from anywhere: nothing in one is trusted.

Only names that this format has are opened, never one that an archive brings; nothing is unpacked to
the disk; no link is followed. Lines, contents and the ratio of compression are bounded.
"""

import os
import re
import stat
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, TypeVar
from zipfile import BadZipFile, ZipFile, ZipInfo

import msgspec

from apps.archive.errors import ArchiveError

ARCHIVE, PEOPLE, FILES, CHATS = "archive.json", "people.jsonl", "files.jsonl", "chats.jsonl"
SHA256 = re.compile(r"[0-9a-f]{64}")
NAME = re.compile(
    r"archive\.json|(people|files|chats)\.jsonl|contents/[0-9a-f]{64}|entries/[0-9a-f-]{36}\.jsonl"
    r"|entries/|contents/"
)
# A message with fifty former texts, each of the longest.
MAX_LINE_BYTES = 33_554_432
MAX_MEMBERS = 2_000_000
# Deflate reaches 1,032; a chat in which everybody says the same stays below this.
MAX_RATIO = 400
# Smaller members are no bomb alone.
RATIO_FROM_BYTES = 10_000_000
# What reading a damaged file raises.
UNREADABLE = (BadZipFile, EOFError, OSError, zlib.error)
R = TypeVar("R", bound=msgspec.Struct)
Placed = tuple[str, R]


class Source(ABC):
    """An archive, in a folder or a ZIP file. Use it in a `with` block."""

    def __enter__(self) -> "Source":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Close what is open."""

    @abstractmethod
    def open(self, name: str) -> IO[bytes]:
        """A file of the archive. Raises FileNotFoundError and ArchiveError."""

    def open_content(self, sha256: str) -> IO[bytes]:
        """A content of the archive. Raises FileNotFoundError and ArchiveError."""
        if not SHA256.fullmatch(sha256):
            raise FileNotFoundError(sha256)
        return self.open(f"contents/{sha256}")

    def one(self, name: str, kind: type[R]) -> R:
        """The only record of a file. Raises ArchiveError."""
        found = [record for _, record in self.records(name, kind)]
        if len(found) != 1:
            raise ArchiveError(name, "has to have one line")
        return found[0]

    def records(self, name: str, kind: type[R]) -> Iterator[Placed[R]]:
        """The lines of a file, each with its place for messages. Raises ArchiveError."""
        decoder = msgspec.json.Decoder(kind)
        for number, line in enumerate(self._lines(name), start=1):
            place = f"{name}, line {number}"
            try:
                yield place, decoder.decode(line)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                raise ArchiveError(place, str(error)) from error

    def _lines(self, name: str) -> Iterator[bytes]:
        try:
            file = self.open(name)
        except FileNotFoundError as error:
            raise ArchiveError(name, "is missing") from error
        with file:
            number = 0
            while True:
                number += 1
                try:
                    line = file.readline(MAX_LINE_BYTES + 1)
                except UNREADABLE as error:
                    raise ArchiveError(f"{name}, line {number}", str(error)) from error
                if not line:
                    return
                if len(line) > MAX_LINE_BYTES:
                    raise ArchiveError(f"{name}, line {number}", "is too long")
                yield line


class FolderSource(Source):
    """An archive in a folder."""

    def __init__(self, path: Path) -> None:
        self._folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)

    def close(self) -> None:
        """Close the folder."""
        os.close(self._folder)

    def open(self, name: str) -> IO[bytes]:
        """A regular file below the folder, without following links."""
        if not NAME.fullmatch(name):
            raise FileNotFoundError(name)
        folder, opened = self._folder, -1
        *above, last = name.split("/")
        try:
            if above:
                opened = os.open(
                    above[0], os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder
                )
            # A pipe in place of a file would stop the reader without end.
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
            file = os.open(last, flags, dir_fd=opened if above else folder)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise ArchiveError(name, "is not a regular file") from error
        finally:
            if opened >= 0:
                os.close(opened)
        if not stat.S_ISREG(os.fstat(file).st_mode):
            os.close(file)
            raise ArchiveError(name, "is not a regular file")
        return os.fdopen(file, "rb")


class ZipSource(Source):
    """An archive in a ZIP file."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = ZipFile(path)
        except (BadZipFile, NotImplementedError, ValueError) as error:
            raise ArchiveError(path.name, f"is no ZIP file: {error}") from error
        try:
            self._members = self._checked(path.name)
            # Many small members are a bomb, too, and so are members that share their bytes.
            size = sum(member.file_size for member in self._members.values())
            if size > RATIO_FROM_BYTES + MAX_RATIO * path.stat().st_size:
                raise ArchiveError(path.name, "is compressed more than any archive is")
        except ArchiveError:
            self._zip.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def open(self, name: str) -> IO[bytes]:
        """A member of the ZIP file."""
        if name not in self._members:
            raise FileNotFoundError(name)
        try:
            return self._zip.open(self._members[name])
        except (BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
            raise ArchiveError(name, str(error)) from error

    def _checked(self, own_name: str) -> dict[str, ZipInfo]:
        members: dict[str, ZipInfo] = {}
        for member in self._zip.infolist():
            name = member.orig_filename
            if not NAME.fullmatch(name):
                raise ArchiveError(own_name, f"an archive has no file {name[:100]!r}")
            if name in members:
                raise ArchiveError(own_name, f"{name} is there twice")
            if member.file_size > max(RATIO_FROM_BYTES, MAX_RATIO * member.compress_size):
                raise ArchiveError(name, "is compressed more than any archive is")
            members[name] = member
            if len(members) > MAX_MEMBERS:
                raise ArchiveError(own_name, "has too many files")
        return members


def open_source(path: Path) -> Source:
    """The archive at a path. Raises ArchiveError."""
    if path.is_dir():
        return FolderSource(path)
    with suppress(FileNotFoundError):
        return ZipSource(path)
    raise ArchiveError(str(path), "is missing")
