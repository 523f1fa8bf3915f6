"""Which sound or film a container has: MP4 and QuickTime, WebM, Ogg, MP3."""

import re
from collections.abc import Iterator
from typing import IO

AVIF_BRANDS = {b"avif", b"avis"}
HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
MP4_BRANDS = re.compile(rb"iso[m2-9]|mp4[12]|avc1|M4[AVB] |MSNV|dash|3g[p2].|f4[vab] |mp71|cmfc")
# Enough for all tracks; boxes without a length would be read again and again.
MAX_BOXES = 200
# Beyond any file. Some systems seek no further than 2^63.
MAX_POSITION = 2**48
WEBM_VIDEO, WEBM_AUDIO = re.compile(rb"V_(VP8|VP9|AV1)"), re.compile(rb"A_(OPUS|VORBIS)")
OGG_AUDIO = (b"OpusHead", b"\x01vorbis", b"\x7fFLAC")
# Versions of the tag. A text may begin with these letters, too.
ID3_VERSIONS = (2, 3, 4)
# Kilobits per second and samples per second of MPEG audio, layer III.
RATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
RATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
SAMPLES = (44_100, 48_000, 32_000)


def iso_media_type(file: IO[bytes], head: bytes) -> str | None:
    """The type of an ISO base media file: AVIF, HEIC, MP4 or QuickTime."""
    if head[4:8] != b"ftyp":
        return None
    size = int.from_bytes(head[:4], "big")
    brands = {head[8:12], *(head[i : i + 4] for i in range(16, min(size, 128), 4))}
    major = head[8:12]
    if major in AVIF_BRANDS | HEIC_BRANDS:
        return "image/avif" if brands & AVIF_BRANDS else "image/heic"
    if major != b"qt  " and not MP4_BRANDS.match(major):
        return None
    handlers = set(_handlers(file))
    if b"vide" in handlers:
        return "video/quicktime" if major == b"qt  " else "video/mp4"
    return "audio/mp4" if b"soun" in handlers else None


def _handlers(file: IO[bytes]) -> Iterator[bytes]:
    """The kinds of the tracks: `vide`, `soun` and others."""
    position, left = 0, MAX_BOXES
    while left:
        left -= 1
        file.seek(position)
        box = file.read(20)
        if len(box) < 8:
            return
        size, name = int.from_bytes(box[:4], "big"), box[4:8]
        if name in (b"moov", b"trak", b"mdia"):
            position += 8  # Its content is a list of boxes.
            continue
        if name == b"hdlr":
            yield box[16:20]
        if size == 1:
            size = int.from_bytes(box[8:16], "big")
        position += size
        if not 0 < position <= MAX_POSITION:
            return


def ebml_type(head: bytes) -> str | None:
    """The type of a WebM file."""
    if not head.startswith(b"\x1a\x45\xdf\xa3") or b"webm" not in head[:64]:
        return None
    if WEBM_VIDEO.search(head):
        return "video/webm"
    return "audio/webm" if WEBM_AUDIO.search(head) else None


def ogg_type(head: bytes) -> str | None:
    """The type of an Ogg file with sound only."""
    is_audio = head.startswith(b"OggS") and head.startswith(OGG_AUDIO, 28)
    return "audio/ogg" if is_audio else None


def mp3_type(head: bytes) -> str | None:
    """The type of an MP3: an ID3 tag, or two frames of MPEG audio, layer III, at the start."""
    if head.startswith(b"ID3"):
        return "audio/mpeg" if len(head) > 10 and head[3] in ID3_VERSIONS else None
    length = _frame_length(head)
    return "audio/mpeg" if length and _frame_length(head[length:]) else None


def _frame_length(data: bytes) -> int:
    """The bytes of the frame that `data` begins with; 0: none."""
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE6 != 0xE2:
        return 0
    version = data[1] >> 3 & 3  # 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
    rate, samples = data[2] >> 4, data[2] >> 2 & 3
    if version == 1 or rate in (0, 15) or samples == 3:
        return 0
    bits = (RATES_1 if version == 3 else RATES_2)[rate] * 1000
    frequency = SAMPLES[samples] // {3: 1, 2: 2, 0: 4}[version]
    return (144 if version == 3 else 72) * bits // frequency + (data[2] >> 1 & 1)
