"""Custom emoji: small squares in WebP, and a first frame of those that move."""

from pathlib import Path

from PIL import ImageFile

from apps.files.pictures.encoding import LOSSY_GRAPHIC, Spec, Written, put, write
from apps.files.pictures.errors import NotAPicture, TooLarge
from apps.files.pictures.moving import Frames, encoded
from apps.files.pictures.reading import squared, still

FORMATS = ("PNG", "GIF", "WEBP", "JPEG")
EDGE = 128
MAX_BYTES = 262_144
# Of all frames. A second of processor time.
MAX_MOVING_PIXELS = 20_000_000
# Edge and quality of one that moves, until it is small enough.
ATTEMPTS = ((EDGE, 75), (96, 60), (64, 50))


def write_emoji(picture: ImageFile.ImageFile, into: Path) -> list[Written]:
    """Write `full`, and of one that moves `thumbnail`, its first frame. Raises a PictureError."""
    if picture.format not in FORMATS:
        raise NotAPicture(str(picture.format))
    frames: int = getattr(picture, "n_frames", 1)
    if frames > 1 and frames * picture.width * picture.height > MAX_MOVING_PIXELS:
        raise TooLarge(f"{frames} frames of {picture.size}")
    written = [_moving(picture, into)] if frames > 1 else []
    shown = squared(still(picture, EDGE, turn=frames == 1).convert("RGBA"))
    spec = Spec("thumbnail" if written else "full", EDGE, ("WEBP", LOSSY_GRAPHIC))
    return [*written, write(shown, spec, into, graphic=True)]


def _moving(picture: ImageFile.ImageFile, into: Path) -> Written:
    for edge, quality in ATTEMPTS:
        frames = Frames(picture, edge, square=True)
        content = encoded(frames, quality)
        if len(content) <= MAX_BYTES:
            return put(content, "full", "image/webp", frames.size, into)
    raise TooLarge(f"more than {MAX_BYTES} bytes")
