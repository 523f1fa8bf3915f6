"""What a file contains, and what of it is stored: itself, or variants of a picture."""

from pathlib import Path
from typing import NamedTuple

from apps.files.file_types import PLAIN_FILE, recognise
from apps.files.models import File
from apps.files.pictures.converter import convert
from apps.files.pictures.errors import ConversionFailed
from apps.wire import bodies

ORIGINAL = "original"
# A picture whose workers died this often fails.
MAX_CONVERSIONS = 3


class Part(NamedTuple):
    """One variant to store: its description and its local file."""

    variant: bodies.FileVariant
    path: Path


def content_of(row: File, source: Path, folder: Path) -> tuple[bodies.FileContent, list[Part]]:
    """What the file of a row contains, and what of it is stored. A picture that is sent as a file
    is stored as it is, to be downloaded. Raises PictureError."""
    found = recognise(source)
    if found.kind == "image" and row.as_file:
        found = PLAIN_FILE
    if found.kind == "image":
        if row.attempt > MAX_CONVERSIONS:
            raise ConversionFailed("its workers died")
        return _picture(source, folder, found.type)
    original = bodies.FileVariant(name=ORIGINAL, type=found.type, size=row.size)
    content = bodies.FileContent(kind=found.kind, type=found.type, variants=[original])
    return content, [Part(original, source)]


def _picture(source: Path, folder: Path, media_type: str) -> tuple[bodies.FileContent, list[Part]]:
    made = convert(source, folder)
    parts = [
        Part(
            bodies.FileVariant(
                name=one.name,
                type=one.type,
                size=one.size,
                width=one.width,
                height=one.height,
            ),
            folder / one.name,
        )
        for one in made.variants
    ]
    content = bodies.FileContent(
        kind="image",
        type=media_type,
        variants=[part.variant for part in parts],
        width=made.width,
        height=made.height,
        animated=made.animated,
        placeholder=made.placeholder,
    )
    return content, parts
