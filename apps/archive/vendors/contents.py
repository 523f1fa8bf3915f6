"""Copies the contents of files from an export into the archive."""

from collections.abc import Iterable, Iterator, Sequence
from typing import IO, NamedTuple, cast

from apps.archive.errors import ExportError
from apps.archive.vendors.source import Export
from apps.archive.writing import Target

NOT_IN_EXPORT = "The export does not have its content."
TOO_LARGE = "It is larger than a file may be here."
BROKEN = "Its content cannot be read."


class Content(NamedTuple):
    """`missing` says why there is none; then the rest is empty."""

    sha256: str = ""
    size: int = 0
    missing: str = ""


class Contents:
    """Finds the contents of files by their paths in these exports."""

    def __init__(self, target: Target, places: Sequence[Export], *, max_bytes: int) -> None:
        self._target = target
        self._places = places
        self._max_bytes = max_bytes

    def copy(self, paths: Iterable[str]) -> Content:
        """Copy the content at the first of these paths that is there into the archive."""
        places = ((place, path) for path in paths for place in self._places if path in place.sizes)
        place, path = next(places, (None, ""))
        if place is None:
            return Content(missing=NOT_IN_EXPORT)
        if place.sizes[path] > self._max_bytes:
            return Content(missing=TOO_LARGE)
        try:
            content = _Content(place.chunks(path), self._max_bytes)
            return Content(*self._target.content(cast("IO[bytes]", content)))
        except _TooLarge:
            return Content(missing=TOO_LARGE)
        except ExportError:
            return Content(missing=BROKEN)


class _TooLarge(Exception):
    pass


class _Content:
    """What is read of a content. What a ZIP file says of its size may be wrong."""

    def __init__(self, chunks: Iterator[bytes], max_bytes: int) -> None:
        self._chunks = chunks
        self._left = max_bytes

    def read(self, size: int = -1) -> bytes:
        """The next part."""
        part = next(self._chunks, b"")
        self._left -= len(part)
        if self._left < 0:
            raise _TooLarge
        return part
