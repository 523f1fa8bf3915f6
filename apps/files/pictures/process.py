"""`python -m apps.files.pictures.process FORM SOURCE FOLDER PARENT LIMITS…`: convert one picture.

Prints the result as JSON: a `converter.Converted`, or the name of an error.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

from apps.files.pictures import encoding, errors
from apps.files.pictures.emoji import write_emoji
from apps.files.pictures.limits import Limits, limit_this_process
from apps.files.pictures.moving import write_moving
from apps.files.pictures.placeholder import placeholder
from apps.files.pictures.reading import BROKEN, is_graphic, open_picture, shrink, still

# What moves in browsers. Several pictures in one HEIC are takes of one scene, or a burst.
MOVING = ("GIF", "WEBP", "PNG", "AVIF")


def main(form: str, source: str, folder: str, parent: str, *limits: str) -> None:
    """Convert within limits, and print the result."""
    limit_this_process(int(parent), Limits(*map(int, limits)))
    print(json.dumps(outcome(Path(source), Path(folder), form)))  # noqa: T201 - this is a program


def outcome(source: Path, into: Path, form: str = "picture") -> dict[str, Any]:
    """Convert. Returns what `converter.read_outcome` reads: a result, or an error."""
    try:
        result = FORMS[form](source, into)
    except errors.PictureError as error:
        return _failed(type(error), str(error))
    except MemoryError:
        return _failed(errors.ConversionFailed, "memory")
    except BROKEN as error:
        # Errors of the system have a number: the disk is full, or the result is too long.
        is_system = getattr(error, "errno", None) is not None
        return _failed(errors.ConversionFailed if is_system else errors.NotAPicture, repr(error))
    usage = {"cpu_s": time.process_time(), "peak_bytes": _peak_bytes()}
    return {"type": "Converted", **result, **usage}


def _failed(error: type[errors.PictureError], detail: str) -> dict[str, Any]:
    return {"type": "Failed", "error": error.__name__, "detail": detail[:200]}


def _convert(source: Path, into: Path) -> dict[str, Any]:
    picture = open_picture(source)
    width, height = picture.size
    moving = picture.format in MOVING and getattr(picture, "n_frames", 1) > 1
    graphic = is_graphic(picture, source.stat().st_size)
    written = [write_moving(picture, into)] if moving else []
    edge = encoding.THUMBNAIL.edge if moving else encoding.FULL.edge
    shown = still(picture, edge, turn=not moving)
    if (shown.width > shown.height) != (width > height):
        width, height = height, width
    del picture  # Its pixels are no longer needed, and encoders need memory too.
    if not moving:
        written.append(encoding.write(shown, encoding.FULL, into, graphic=graphic))
    for spec in (encoding.THUMBNAIL, encoding.SAVER):
        shown = shrink(shown, spec.edge)
        written.append(encoding.write(shown, spec, into, graphic=graphic))
    return {
        "width": width,
        "height": height,
        "animated": moving,
        "variants": [each._asdict() for each in written],
        "placeholder": placeholder(shown),
    }


def _emoji(source: Path, into: Path) -> dict[str, Any]:
    written = write_emoji(open_picture(source), into)
    return {
        "width": written[0].width,
        "height": written[0].height,
        "animated": len(written) > 1,
        "variants": [each._asdict() for each in written],
        "placeholder": "",
    }


FORMS = {"picture": _convert, "emoji": _emoji}


def _peak_bytes() -> int:
    """The most memory that was resident. `ru_maxrss` would have the parent's, from before exec."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    main(*sys.argv[1:])
