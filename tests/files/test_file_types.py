"""What a file is, is decided by its content."""

import io
import zipfile
from pathlib import Path

import pillow_heif
import pytest
from PIL import Image

from apps.files.file_types import (
    MAX_TEXT_BYTES,
    PLAIN_FILE,
    FileType,
    is_shown_as_text,
    recognise,
)
from tests.files.samples import encoded, quadrants

PICTURE = quadrants(16, 16)


def box(name, *content):
    """A box of an ISO base media file."""
    data = b"".join(content)
    return (8 + len(data)).to_bytes(4, "big") + name + data


def mp4(brand, *handlers, first=b""):
    """An MP4 or QuickTime file with these kinds of tracks."""
    tracks = [
        box(b"trak", box(b"tkhd", bytes(84)), box(b"mdia", box(b"hdlr", bytes(8), kind, bytes(12))))
        for kind in handlers
    ]
    head = box(b"ftyp", brand, bytes(4), brand)
    return head + first + box(b"moov", box(b"mvhd", bytes(100)), *tracks) + box(b"mdat", bytes(99))


def webm(doctype, *codecs):
    """The beginning of a Matroska file."""
    head = b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82" + bytes([0x80 + len(doctype)]) + doctype
    return head + b"\x18\x53\x80\x67\x01\xff" + b"\x16\x54\xae\x6b" + b"\x86\x86".join(codecs)


def ogg(codec):
    """The first page of an Ogg stream."""
    return b"OggS\0\2" + bytes(20) + b"\1\x13" + codec + bytes(40)


def mp3(header=b"\xff\xfb\x90\x64", length=417):
    """Two frames of MPEG audio."""
    return (header + bytes(length - 4)) * 2


def archive():
    """A ZIP file."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as file:
        file.writestr("index.html", "<script>alert(1)</script>")
    return output.getvalue()


def heic():
    output = io.BytesIO()
    pillow_heif.from_pillow(PICTURE).save(output)
    return output.getvalue()


SHOWN = {
    "jpeg": (encoded(PICTURE, "JPEG"), "image", "image/jpeg"),
    "png": (encoded(PICTURE, "PNG"), "image", "image/png"),
    "gif": (encoded(PICTURE, "GIF"), "image", "image/gif"),
    "webp": (encoded(PICTURE, "WEBP"), "image", "image/webp"),
    "webp lossless": (encoded(PICTURE, "WEBP", lossless=True), "image", "image/webp"),
    "avif": (encoded(PICTURE, "AVIF"), "image", "image/avif"),
    "heic": (heic(), "image", "image/heic"),
    "mp4": (mp4(b"isom", b"vide", b"soun"), "video", "video/mp4"),
    "mp4 of a phone": (mp4(b"mp42", b"soun", b"vide", b"meta"), "video", "video/mp4"),
    "mp4, moov last": (mp4(b"isom", b"vide", first=box(b"mdat", bytes(999))), "video", "video/mp4"),
    "safari's recorder": (mp4(b"iso5", b"soun"), "audio", "audio/mp4"),
    "m4a": (mp4(b"M4A ", b"soun"), "audio", "audio/mp4"),
    "quicktime": (mp4(b"qt  ", b"vide"), "video", "video/quicktime"),
    "webm": (webm(b"webm", b"V_VP9", b"A_OPUS"), "video", "video/webm"),
    "chromium's recorder": (webm(b"webm", b"A_OPUS"), "audio", "audio/webm"),
    "firefox's recorder": (ogg(b"OpusHead"), "audio", "audio/ogg"),
    "vorbis": (ogg(b"\1vorbis"), "audio", "audio/ogg"),
    "mp3": (mp3(), "audio", "audio/mpeg"),
    "mp3 with a tag": (b"ID3\3\0\0\0\0\0\0" + mp3(), "audio", "audio/mpeg"),
    "mp3, MPEG 2": (mp3(b"\xff\xf3\x40\xc0", 104), "audio", "audio/mpeg"),
    "wav": (b"RIFF\x24\0\0\0WAVEfmt " + bytes(30), "audio", "audio/wav"),
    "flac": (b"fLaC\0\0\0\x22" + bytes(34), "audio", "audio/flac"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3\n1 0 obj", "document", "application/pdf"),
    "text": (b"Good morning,\r\n\tBob.\n", "document", "text/plain"),
    "text about tags": (b"ID3 tags name the songs of an album.", "document", "text/plain"),
    "text with a BOM": ("\ufeffGrüße 👋".encode(), "document", "text/plain"),
    "csv": (b"a,b\n1,2\n", "document", "text/plain"),
    "a letter": (b"x", "document", "text/plain"),
    # Other content after or inside these does no harm: they are sent as these types only.
    "jpeg and zip": (encoded(PICTURE, "JPEG") + archive(), "image", "image/jpeg"),
    "gif and html": (b"GIF89a/*<html><script>alert(1)</script>", "image", "image/gif"),
    "pdf and zip": (b"%PDF-1.7\n" + archive(), "document", "application/pdf"),
    "text, then script": (b"See: <script>alert(1)</script>", "document", "text/plain"),
}
PLAIN = {
    "empty": b"",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "svg after a BOM": b"\xef\xbb\xbf \n<svg/>",
    "xml": b'<?xml version="1.0"?><a/>',
    "html": b"<!DOCTYPE html><html><script>alert(1)</script>",
    "script": b"\n\n <script>alert(1)</script>",
    "comment": b"<!-- --><b>",
    "utf-16": "<script>alert(1)</script>".encode("utf-16"),
    "utf-16 without BOM": "plain".encode("utf-16-le"),
    "latin-1": "Grüße".encode("latin-1"),
    "nul": b"text\0<script>",
    "late nul": b"text" * 50_000 + b"\0",
    "late latin-1": b"text" * 50_000 + b"\xfc",
    "long text": b"x" * (MAX_TEXT_BYTES + 1),
    "zip": archive(),
    "exe": b"MZ\x90\0" + bytes(200),
    "elf": b"\x7fELF\2\1\1" + bytes(200),
    "gzip": b"\x1f\x8b\x08" + bytes(20),
    "wasm": b"\0asm\1\0\0\0",
    "pdf after junk": b"\n\0junk%PDF-1.7\n",
    "tiff": encoded(PICTURE, "TIFF"),
    "bmp": encoded(PICTURE, "BMP"),
    "ico": encoded(PICTURE, "ICO"),
    "psd": b"8BPS\0\1" + bytes(30),
    "avi": b"RIFF\x24\0\0\0AVI LIST" + bytes(30),
    "no riff": b"junk\x24\0\0\0WEBPVP8 " + bytes(30),
    "matroska": webm(b"matroska", b"V_VP9"),
    "webm without codecs": webm(b"webm", b"S_TEXT"),
    "theora": ogg(b"\x80theora"),
    "mp4 without tracks": mp4(b"isom"),
    "mp4 of subtitles": mp4(b"isom", b"sbtl"),
    "mp4, only its head": mp4(b"isom", b"vide")[:24],
    "other brand": mp4(b"crx ", b"vide"),
    "boxes in a circle": box(b"ftyp", b"isom", bytes(4)) + bytes(99),
    "one frame of mp3": mp3()[:417],
    "flash": b"CWS\x0a" + bytes(30),
}


@pytest.fixture
def recognised(tmp_path):
    """The type of these bytes."""

    def run(content):
        path = Path(tmp_path / "content")
        path.write_bytes(content)
        return recognise(path)

    return run


@pytest.mark.parametrize("what", SHOWN)
def test_shown(recognised, what):
    content, kind, media_type = SHOWN[what]

    assert recognised(content) == FileType(kind, media_type, True)


@pytest.mark.parametrize("what", PLAIN)
def test_a_download_only(recognised, what):
    assert recognised(PLAIN[what]) == PLAIN_FILE


@pytest.mark.parametrize("name", ["a.html", "a.SVG", "a.js", "a.xml ", "a.htm.", "a.css", "a.mjs"])
def test_text_with_an_active_name_is_not_shown(name):
    assert not is_shown_as_text("text/plain", name)


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.py", "a.svg.txt", "x" * 4096])
def test_other_text_is_shown(name):
    assert is_shown_as_text("text/plain", name)
    assert not is_shown_as_text("application/octet-stream", name)


def test_a_large_moving_picture_is_read_in_part(recognised):
    frames = [Image.effect_noise((300, 300), 90)] * 3
    content = encoded(frames[0], "WEBP", save_all=True, append_images=frames, quality=100)

    assert len(content) > 64 * 1024
    assert recognised(content).type == "image/webp"
