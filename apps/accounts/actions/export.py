"""Writes all that is stored about a person into an archive."""

import json
import os
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import IO, Protocol
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction

from apps.accounts.export_handlers import CHUNK_SIZE, Content, Rows, all_contents, all_sections
from apps.core.errors import Refused

Progress = Callable[[str, int], None]
# Called with the part of the archive that is written, up to 1.
Share = Callable[[float], None]
# Of all, when the sections are written and the files are not.
SECTIONS_SHARE = 0.5
FILES, LEFT_OUT = "files", "files_left_out"
COPIED_BYTES = 1_048_576


class Room(Protocol):
    """Whether a file of so many bytes still fits into an export."""

    def __call__(self, size: int) -> bool: ...


def any_size(size: int) -> bool:
    """For exports without a limit."""
    return True


def _ignore(*_: object) -> None:
    """For callers that show nothing."""


def write_export(user_id: UUID, path: Path, *, finished: Progress) -> None:
    """Write the archive into a new file, with all files. Calls `finished` with the name of each
    section and its number of rows. Raises FileExistsError."""
    # Other users of this machine cannot read it. `x`: an existing file is not overwritten.
    with open(path, "xb", opener=_private) as file:
        write_archive(user_id, file, finished=finished)


def write_archive(
    user_id: UUID,
    file: IO[bytes],
    *,
    progress: Progress = _ignore,
    finished: Progress = _ignore,
    share: Share = _ignore,
    room: Room = any_size,
) -> None:
    """Write a zip archive with one JSON array for each section (`accounts.export_handlers`), and
    the person's files. Those for which there is no `room`, or which cannot be read, are listed in a
    section of their own.

    Memory does not grow with the amount. All is read from one snapshot of the database. `progress`
    and `finished` are called with the name of a section and its number of rows: every CHUNK_SIZE
    rows, after the last one, and (with bytes) for each part of a file. `share` is called after the
    sections, and for each part of a file. What they raise ends the export.
    """
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            for name, rows in all_sections(user_id).items():
                _add_section(archive, name, rows, progress, finished)
            files = list(all_contents(user_id))
        # Files are copied after the transaction, which may not stay idle for so long.
        share(SECTIONS_SHARE)
        if left_out := _add_files(files, archive, room, progress, share):
            _add_section(archive, LEFT_OUT, left_out, progress, finished)


def _add_section(
    archive: ZipFile, name: str, rows: Rows, progress: Progress, finished: Progress
) -> None:
    with archive.open(f"{name}.json", "w", force_zip64=True) as section:
        finished(name, _write(rows, section, partial(progress, name)))


def _add_files(
    files: Collection[Content], archive: ZipFile, room: Room, progress: Progress, share: Share
) -> Rows:
    """Copy the person's files. Returns those that are left out."""
    left_out = []
    total, done = sum(size for _, size, _ in files), 0
    for path, size, open_content in files:
        if not room(size):
            left_out.append({"path": path, "reason": "no room"})
            continue
        try:
            content = open_content()
        except (OSError, Refused):
            left_out.append({"path": path, "reason": "cannot be read"})
            continue
        # Pictures and sounds are compressed already.
        with content, archive.open(ZipInfo(path), "w", force_zip64=True) as target:
            copied = 0
            try:
                while part := content.read(COPIED_BYTES):
                    copied += target.write(part)
                    progress(FILES, copied)
                    share(SECTIONS_SHARE + (1 - SECTIONS_SHARE) * min(1, (done + copied) / total))
            except OSError:
                left_out.append({"path": path, "reason": "cannot be read to its end"})
        done += size
    return left_out


def _write(rows: Rows, file: IO[bytes], progress: Callable[[int], None]) -> int:
    """Write a JSON array, one row a line. Returns how many."""
    count = 0
    file.write(b"[")
    for row in rows:
        if count % CHUNK_SIZE == 0:
            progress(count)
        text = json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False)
        file.write(b",\n" if count else b"\n")
        file.write(text.encode())
        count += 1
    file.write(b"\n]\n")
    return count


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
