"""Pictures that are broken, lie, or cost too much. None of them harms the worker."""

import os
import select
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from apps.files.pictures.converter import CHECKOUT, convert
from apps.files.pictures.errors import ConversionFailed, NotAPicture, TooLarge
from apps.files.pictures.limits import Limits
from tests.files.samples import bomb, chunk, encoded, gif, photo, png, quadrants

JPEG = encoded(photo(300, 200), "JPEG")


@pytest.fixture
def source(tmp_path):
    """Store bytes as the file to convert."""

    def store(content, name="source"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return store


# Made when they are needed: they take a second in each process that collects this module.
ZEROS = cache(bomb)
TOO_LARGE = {
    "30000x30000": lambda: png(30_000, 30_000),
    "side": lambda: png(16_385, 1, rows=bytes(16_386)),
    "pixels": lambda: encoded(Image.new("1", (8000, 5001)), "PNG"),
    "webp": lambda: encoded(Image.new("L", (4001, 4000)), "WEBP", method=0),
    "10000 frames": lambda: gif(10_000),
    "501 frames": lambda: gif(501),
    "frames x pixels": lambda: gif(40, 1800, 1700),
}
REFUSED = {
    "empty": lambda: b"",
    "magic only": lambda: b"GIF89a",
    "text": lambda: b"no picture",
    "svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "eps": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
    "tiff": lambda: encoded(quadrants(), "TIFF"),
    "bmp": lambda: encoded(quadrants(), "BMP"),
    "jpeg2000": lambda: encoded(quadrants(), "JPEG2000"),
    "ico": lambda: encoded(quadrants(), "ICO"),
    "half a jpeg": lambda: JPEG[: len(JPEG) // 2],
    "a jpeg's header": lambda: JPEG[:200],
    "half a png": lambda: encoded(photo(99, 99), "PNG")[:2000],
    "half a webp": lambda: encoded(photo(99, 99), "WEBP")[:1000],
    "half an avif": lambda: encoded(photo(99, 99), "AVIF")[:1000],
    "bomb in iCCP": lambda: with_chunk(b"iCCP", b"icc\0\0"),
    "bomb in zTXt": lambda: with_chunk(b"zTXt", b"Comment\0\0"),
    "bomb in iTXt": lambda: with_chunk(b"iTXt", b"Comment\0\1\0\0\0"),
}


def with_chunk(kind, beginning):
    """A picture with a small chunk that unpacks to a large one."""
    return png(100, 100, chunk(kind, beginning + ZEROS()), rows=bytes(10_100))


@pytest.mark.parametrize("what", TOO_LARGE)
def test_too_large(converted, what):
    with pytest.raises(TooLarge):
        converted(TOO_LARGE[what]())


@pytest.mark.parametrize("what", REFUSED)
def test_broken_and_forbidden(converted, what):
    with pytest.raises(NotAPicture):
        converted(REFUSED[what]())


def test_errors_come_from_the_process(source, tmp_path):
    for content, error in ((JPEG[:200], NotAPicture), (png(30_000, 30_000), TooLarge)):
        with pytest.raises(error):
            convert(source(content), tmp_path)


def test_the_name_decides_nothing(source, tmp_path):
    result = convert(source(JPEG, "-cat.svg"), tmp_path)

    assert (result.width, result.height) == (300, 200)


def test_appended_files_are_gone(converted):
    result = converted(JPEG + b"PK\x03\x04<script>alert(1)</script>")

    for variant in result.variants:
        assert b"<script>" not in (result.folder / variant).read_bytes()


LARGE = cache(lambda: encoded(Image.new("RGB", (5000, 5000)), "PNG", compress_level=1))
SLOW = cache(lambda: gif(400, 500, 500))


@pytest.mark.parametrize(
    ("content", "limits"),
    [
        (LARGE, Limits(memory_bytes=60 * 2**20)),
        (LARGE, Limits(memory_bytes=2**20)),
        (SLOW, Limits(cpu_s=1)),
        (SLOW, Limits(timeout_s=0.5)),
        (lambda: JPEG, Limits(file_bytes=1000)),
    ],
    ids=["memory", "memory at once", "processor time", "time", "bytes of a file"],
)
def test_a_limit_ends_only_the_conversion(source, tmp_path, content, limits):
    with pytest.raises(ConversionFailed):
        convert(source(content()), tmp_path, limits)

    assert convert(source(JPEG), tmp_path).width == 300


def test_memory_suffices_for_the_largest_pictures(source, tmp_path):
    largest = encoded(Image.new("RGBA", (7300, 5400)), "PNG", compress_level=1)

    assert convert(source(largest), tmp_path).peak_bytes < Limits().memory_bytes


def test_a_photo_of_12_megapixels_needs_200_mib_at_most(source, tmp_path):
    result = convert(source(encoded(Image.new("RGB", (4000, 3000)), "JPEG")), tmp_path)

    assert result.peak_bytes < 200 * 2**20


def test_conversions_in_parallel(source, tmp_path):
    files = [source(encoded(quadrants(64 + n, 32), "PNG"), f"source-{n}") for n in range(6)]

    def run(file):
        folder = tmp_path / f"{file.name}-variants"
        folder.mkdir()
        return convert(file, folder).width

    with ThreadPoolExecutor(3) as threads:
        assert list(threads.map(run, files)) == [64 + n for n in range(6)]


def test_the_process_ends_with_its_parent(source, tmp_path):
    file = source(SLOW())
    code = f"""
from pathlib import Path
from apps.files.pictures.converter import convert
convert(Path({str(file)!r}), Path({str(tmp_path)!r}))
"""
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=CHECKOUT)
    child = _child_of(parent.pid)
    ended = os.pidfd_open(child)
    os.kill(child, signal.SIGSTOP)  # It would end by itself.

    parent.send_signal(signal.SIGKILL)
    parent.wait()

    try:
        assert select.select([ended], [], [], 10)[0]
    finally:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(ended, signal.SIGKILL)
        os.close(ended)


def _child_of(pid):
    """The process of the conversion, once its limits are set."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            if f"Max cpu time              {Limits().cpu_s} " in _limits(child):
                return int(child)
        time.sleep(0.01)
    raise AssertionError("no child")


def _limits(pid):
    return Path(f"/proc/{pid}/limits").read_text()
