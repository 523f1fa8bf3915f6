"""Writes variants. What is written comes from pixels alone: no profile, no metadata."""

from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from apps.files.pictures.reading import shrink


class Written(NamedTuple):
    """One file that was written into the folder. The file has the variant's name."""

    name: str
    type: str
    size: int
    width: int
    height: int


class Spec(NamedTuple):
    """A variant: its longest side, and how photos are encoded."""

    name: str
    edge: int
    photo: tuple[str, dict[str, int]]


# The timeline shows 480 CSS pixels, on displays with two pixels for each.
THUMBNAIL = Spec("thumbnail", 960, ("WEBP", {"quality": 72, "method": 2}))
SAVER = Spec("saver", 640, ("AVIF", {"quality": 48, "speed": 9, "max_threads": 1}))
FULL = Spec("full", 2560, ("JPEG", {"quality": 82}))
# For what JPEG and AVIF are bad at: sharp edges, and transparency in JPEG.
LOSSY_GRAPHIC = {"quality": 80, "method": 2}
LOSSLESS = {"lossless": 1, "quality": 20, "method": 1}
FEW_COLOURS = 256


def write(picture: Image.Image, spec: Spec, into: Path, *, graphic: bool) -> Written:
    """Write one variant. Graphics are lossless if they have few colours, or if that is smaller."""
    smaller = shrink(picture, spec.edge)
    name, options = spec.photo
    if graphic or (name == "JPEG" and picture.mode == "RGBA"):
        name, options = "WEBP", LOSSY_GRAPHIC
    content = _encoded(smaller, name, options)
    if graphic:
        lossless = _encoded(smaller, "WEBP", LOSSLESS)
        if len(lossless) <= len(content) or smaller.getcolors(FEW_COLOURS):
            content = lossless
    return put(content, spec.name, f"image/{name.lower()}", smaller.size, into)


def put(content: bytes, name: str, media_type: str, size: tuple[int, int], into: Path) -> Written:
    """Write the bytes of a variant."""
    (into / name).write_bytes(content)
    return Written(name, media_type, len(content), *size)


def _encoded(picture: Image.Image, name: str, options: dict[str, int]) -> bytes:
    output = BytesIO()
    picture.save(output, name, **options)
    return output.getvalue()
