"""Copies the contents of files from an export into the archive: `contents/<sha256>`."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from apps.archive.vendors.documents import ExportError
from apps.archive.vendors.source import Export

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

    def __init__(self, folder: Path, places: Sequence[Export], *, max_bytes: int) -> None:
        self._folder = folder
        self._places = places
        self._max_bytes = max_bytes
        folder.mkdir(parents=True, exist_ok=True)

    def copy(self, paths: Iterable[str]) -> Content:
        """Copy the content at the first of these paths that is there into the archive."""
        places = ((place, path) for path in paths for place in self._places if path in place.sizes)
        place, path = next(places, (None, ""))
        if place is None:
            return Content(missing=NOT_IN_EXPORT)
        if place.sizes[path] > self._max_bytes:
            return Content(missing=TOO_LARGE)
        try:
            return self._copied(place.chunks(path))
        except ExportError:
            return Content(missing=BROKEN)

    def _copied(self, chunks: Iterator[bytes]) -> Content:
        digest, size = hashlib.sha256(), 0
        partial = self._folder / "partial"
        with partial.open("wb") as file:
            for chunk in chunks:
                size += len(chunk)
                # What a ZIP file says of sizes may be wrong.
                if size > self._max_bytes:
                    return Content(missing=TOO_LARGE)
                digest.update(chunk)
                file.write(chunk)
        os.replace(partial, self._folder / digest.hexdigest())
        return Content(digest.hexdigest(), size)
