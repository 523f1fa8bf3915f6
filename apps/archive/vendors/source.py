"""Opens an export: a ZIP file, a TAR file or a folder. Nothing is written but copies in the work
folder, and no name of the export ever becomes a path there.

Limits: how many files it has, how large each is, and that it does not grow without measure when it
is unpacked. So a ZIP bomb ends with an error and not with a full disk.
"""

import shutil
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from apps.archive.errors import ExportError

UNPACKED = "unpacked"
MAX_FILES = 2_000_000
MAX_DOCUMENT_BYTES = 256 * 1024 * 1024
# Of all that is unpacked, as a multiple of the export. JSON gets about 20 times as small.
MAX_GROWTH = 200
GROWTH_ALLOWED_BYTES = 64 * 1024 * 1024
CHUNK_BYTES = 1024 * 1024
# Of the longer names and other properties of a member of a TAR file, which are read into memory.
MAX_HEADER_BYTES = 64 * 1024
# Properties of all members that follow, which `tarfile` keeps.
MAX_GLOBAL_PROPERTIES = 100
# The flag of a member whose name is UTF-8 (APPNOTE.TXT 4.4.4, bit 11).
UTF8_NAME = 0x800
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    tarfile.TarError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
)


class Opener(Protocol):
    """Opens one file of an export by its name."""

    def __call__(self, name: str) -> IO[bytes]: ...


class Export:
    """The files of an export by their names, and how much of them may still be read."""

    def __init__(self, sizes: dict[str, int], opener: Opener, *, max_bytes: int) -> None:
        self.sizes = sizes
        self._open = opener
        self._left = max_bytes

    def document(self, name: str) -> bytes:
        """A whole JSON file. Raises ExportError when it is too large or broken."""
        data = bytearray()
        for chunk in self.chunks(name):
            data += chunk
            if len(data) > MAX_DOCUMENT_BYTES:
                raise ExportError(f"{name} has more than {MAX_DOCUMENT_BYTES // 2**20} MB.")
        return bytes(data)

    def chunks(self, name: str) -> Iterator[bytes]:
        """The content of a file. Raises ExportError when it is broken, or grows without measure."""
        try:
            with self._open(name) as file:
                while chunk := file.read(CHUNK_BYTES):
                    self._left -= len(chunk)
                    if self._left < 0:
                        raise ExportError(
                            f"{name}: the export is more than {MAX_GROWTH} times as large when it"
                            " is unpacked."
                        )
                    yield chunk
        except BROKEN as error:
            raise ExportError(f"{name} cannot be read: {error}.") from error

    def lines(self, name: str) -> Iterator[bytes]:
        """The lines of a file. A line has the limit of a document."""
        rest = b""
        for chunk in self.chunks(name):
            *whole, rest = (rest + chunk).split(b"\n")
            yield from whole
            if len(rest) > MAX_DOCUMENT_BYTES:
                raise ExportError(f"{name} has a line of more than {MAX_DOCUMENT_BYTES} bytes.")
        if rest:
            yield rest


@contextmanager
def opened(path: Path, work: Path) -> Iterator[Export]:
    """The export at a path. A TAR file is unpacked in the folder `work`. Raises ExportError."""
    if path.is_dir():
        yield _folder(path)
        return
    try:
        size = path.stat().st_size
        max_bytes = size * MAX_GROWTH + GROWTH_ALLOWED_BYTES
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                members = _zip_members(archive)
                sizes = {name: member.file_size for name, member in members.items()}
                yield Export(sizes, lambda name: archive.open(members[name]), max_bytes=max_bytes)
        else:
            with _unpacked(path, work / UNPACKED, max_bytes=max_bytes) as export:
                yield export
    except BROKEN as error:
        raise ExportError(f"{path.name} cannot be read: {error}.") from error


def _folder(path: Path) -> Export:
    root = path.resolve()
    sizes: dict[str, int] = {}
    for file in sorted(root.rglob("*")):
        # A link could lead to any file of this machine.
        if file.is_symlink() or not file.is_file() or not file.resolve().is_relative_to(root):
            continue
        sizes[file.relative_to(root).as_posix()] = file.stat().st_size
        _check_count(len(sizes))
    return Export(
        sizes,
        lambda name: (root / name).open("rb"),
        max_bytes=max(sum(sizes.values()) * MAX_GROWTH, GROWTH_ALLOWED_BYTES),
    )


class _Header(tarfile.TarInfo):
    """Refuses what would fill the memory: `tarfile` reads long headers and maps of sparse files as
    a whole."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        # For subclasses, as `tarfile` says. Its own errors would look like the end of the file.
        if self.type not in tarfile.REGULAR_TYPES and self.size > MAX_HEADER_BYTES:
            raise ExportError(f"{self.name!r} has a header of {self.size} bytes.")
        if self.type == tarfile.XGLTYPE and len(archive.pax_headers) > MAX_GLOBAL_PROPERTIES:
            raise ExportError(f"{self.name!r} has too many properties for all files.")
        if self.type == tarfile.GNUTYPE_SPARSE:
            return self._proc_gnusparse_10()
        found: tarfile.TarInfo = super()._proc_member(archive)  # type: ignore[misc]  # no stub
        return found

    def _proc_gnusparse_10(self, *_: object) -> tarfile.TarInfo:
        raise ExportError(f"{self.name!r} is a sparse file: no export has one.")


def _members(archive: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    for count, member in enumerate(iter(archive.next, None)):
        _check_count(count)
        # It keeps them all.
        archive.members.clear()  # type: ignore[attr-defined]  # no stub
        yield member


@contextmanager
def _opened_tar(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        archive = tarfile.open(path, "r|*", tarinfo=_Header)  # noqa: SIM115  closed below
    except tarfile.ReadError as error:
        raise ExportError(f"{path.name} is no ZIP or TAR file, and no folder.") from error
    with archive:
        yield archive


@contextmanager
def _unpacked(path: Path, folder: Path, *, max_bytes: int) -> Iterator[Export]:
    """The files of a TAR file, which cannot be read in any order: each is copied to a file that has
    a number for its name."""
    folder.mkdir()
    sizes: dict[str, int] = {}
    copies: dict[str, Path] = {}
    left = max_bytes
    try:
        with _opened_tar(path) as archive:
            for member in _members(archive):
                if not member.isfile():
                    if not member.isdir():
                        raise ExportError(f"{member.name!r} is a link or a device.")
                    continue
                check_name(member.name)
                if member.name in sizes:
                    raise ExportError(f"There are two files {member.name!r}.")
                left -= member.size
                if left < 0:
                    raise ExportError(
                        f"The export is more than {MAX_GROWTH} times as large when it is unpacked."
                    )
                copy, content = folder / str(len(sizes)), archive.extractfile(member)
                if content is None:
                    continue
                with content, copy.open("wb") as file:
                    shutil.copyfileobj(content, file, CHUNK_BYTES)
                sizes[member.name], copies[member.name] = member.size, copy
        yield Export(sizes, lambda name: copies[name].open("rb"), max_bytes=max_bytes)
    finally:
        shutil.rmtree(folder)


def _zip_members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Regular files by name. Raises ExportError for names that no export has."""
    members: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        if info.is_dir():
            continue
        name = _zip_name(info)
        check_name(name)
        if stat.S_ISLNK(info.external_attr >> 16):
            raise ExportError(f"{name!r} is a link.")
        if name in members:
            raise ExportError(f"There are two files {name!r}.")
        if info.flag_bits & 1:
            raise ExportError(f"{name!r} is encrypted.")
        members[name] = info
        _check_count(len(members))
    return members


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Slack writes names in UTF-8 and does not say so (https://github.com/zulip/zulip/issues/22533);
    then `zipfile` takes them for code page 437."""
    if info.flag_bits & UTF8_NAME:
        return info.filename
    try:
        return info.filename.encode("cp437").decode()
    except UnicodeError:
        return info.filename


def check_name(name: str) -> None:
    """Raises ExportError for a path that leads out of the export."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or name[1:2] == ":":
        raise ExportError(f"{name!r} leads out of the export.")


def _check_count(count: int) -> None:
    if count > MAX_FILES:
        raise ExportError(f"The export has more than {MAX_FILES:,} files.")
