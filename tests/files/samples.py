"""Pictures for tests, made in code."""

import struct
import zlib
from io import BytesIO

from PIL import Image, ImageCms

QUADRANTS = ((200, 30, 30), (30, 180, 30), (30, 30, 200), (220, 220, 40))


def quadrants(width=64, height=32, mode="RGB"):
    """Red, green (above), blue and yellow (below): tells which way up it is."""
    picture = Image.new("RGB", (width, height))
    for number, colour in enumerate(QUADRANTS):
        left, top = number % 2 * (width // 2), number // 2 * (height // 2)
        picture.paste(colour, (left, top, left + width // 2, top + height // 2))
    return picture.convert(mode)


def photo(width, height, mode="RGB"):
    """Noise over a gradient: as hard to compress as a photo."""
    noise = Image.effect_noise((width, height), 20)
    gradient = Image.linear_gradient("L").resize((width, height))
    return Image.merge("RGB", [Image.blend(noise, gradient, 0.2 * n) for n in (1, 2, 3)]).convert(
        mode
    )


def encoded(picture, name, **options):
    """The bytes of a file."""
    output = BytesIO()
    picture.save(output, name, **options)
    return output.getvalue()


def swapped_profile():
    """A colour profile that says: red is green, green is red."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = profile.replace("sRGB".encode("utf-16-be"), "Test".encode("utf-16-be"))
    return profile.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")


def chunk(name, data):
    """A chunk of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png(width, height, *chunks, rows=b""):
    """A grey PNG with these chunks before the pixels, which are `rows`."""
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", head),
            *chunks,
            chunk(b"IDAT", zlib.compress(rows)),
            chunk(b"IEND", b""),
        )
    )


def bomb(mebibytes=80):
    """Compressed zeros."""
    compressor = zlib.compressobj(9)
    return b"".join(compressor.compress(bytes(2**20)) for _ in range(mebibytes)) + (
        compressor.flush()
    )


def gif(frames, width=1, height=1):
    """A GIF with many equal frames."""
    one = encoded(photo(width, height, "P"), "GIF")
    start = one.index(b",", 13 + 3 * 2 ** ((one[10] & 7) + 1))
    image = one[start:-1]
    control = b"\x21\xf9\x04\x00\x05\x00\x00\x00"
    return one[:start] + (control + image) * frames + b";"
