"""Converts a picture in a process of its own, which may crash or use up its limits."""

import logging
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, Literal

from msgspec import DecodeError, Struct, json

from apps.files.pictures.errors import ConversionFailed, NotAPicture, TooLarge
from apps.files.pictures.limits import Limits

CHECKOUT = Path(__file__).parents[3]
DEFAULT_LIMITS = Limits()
MAX_OUTPUT_BYTES = 10_000
ERRORS = {each.__name__: each for each in (NotAPicture, TooLarge, ConversionFailed)}
log = logging.getLogger(__name__)


class Variant(Struct, frozen=True, kw_only=True):
    """One form of a picture. Its file has its name; `size` is in bytes."""

    name: Literal["thumbnail", "saver", "full"]
    type: Literal["image/webp", "image/avif", "image/jpeg"]
    size: int
    width: int
    height: int


class Converted(Struct, frozen=True, kw_only=True, tag=True):
    """A picture: its size as shown, its variants, and what the conversion used.

    `placeholder` is a ThumbHash in base64.
    """

    width: int
    height: int
    animated: bool
    variants: list[Variant]
    placeholder: str
    cpu_s: float
    peak_bytes: int


class Failed(Struct, frozen=True, tag=True):
    """The name of a PictureError, and its text."""

    error: str
    detail: str


def convert(
    source: Path,
    into: Path,
    limits: Limits = DEFAULT_LIMITS,
    *,
    form: Literal["picture", "emoji"] = "picture",
) -> Converted:
    """Write the variants of a picture into the folder `into`, each under its name. An emoji has
    `full`, and `thumbnail` if it moves (`emoji.write_emoji`).

    Raises a PictureError. What the folder has then is incomplete. Call it from a thread that lives
    as long: the kernel ends the process with it.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            (
                *(sys.executable, "-s", "-E", "-m", "apps.files.pictures.process"),
                *(form, str(source.absolute()), str(into.absolute())),
                *map(str, (os.getpid(), limits.cpu_s, limits.memory_bytes, limits.file_bytes)),
            ),
            cwd=CHECKOUT,
            env={"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=errors,
            start_new_session=True,
        )
        try:
            status = process.wait(limits.timeout_s)
        except subprocess.TimeoutExpired as error:
            raise ConversionFailed(f"no result after {limits.timeout_s} s") from error
        finally:
            process.kill()
            process.wait()
        return _result(status, _read(output), _read(errors))


def _read(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read(MAX_OUTPUT_BYTES)


def _result(status: int, output: bytes, errors: bytes) -> Converted:
    if status:
        log.warning(
            "The conversion of a picture ended with %s: %s",
            status,
            errors[-500:].decode(errors="replace"),
        )
        raise ConversionFailed(f"status {status}")
    return read_outcome(output)


def read_outcome(output: bytes) -> Converted:
    """Decode what `process` printed. Raises the error that it names."""
    try:
        result = json.decode(output, type=Converted | Failed)
    except DecodeError as error:
        raise ConversionFailed("no result") from error
    if isinstance(result, Converted):
        return result
    raise ERRORS.get(result.error, ConversionFailed)(result.detail)
