"""A blurred picture in some 25 bytes, shown while a picture loads: a ThumbHash.

The format is that of https://evanw.github.io/thumbhash/. The package `thumbhash` fails on pictures
with transparency.
"""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from math import cos, floor, pi

from PIL import Image

from apps.files.pictures.reading import shrink

# A hash has at most seven waves in each direction: more pixels cost time and change nothing.
EDGE = 32


def placeholder(picture: Image.Image) -> str:
    """The ThumbHash of a picture, in base64."""
    small = shrink(picture, EDGE).convert("RGBA")
    return b64encode(thumb_hash(*small.size, small.tobytes())).decode()


def thumb_hash(width: int, height: int, rgba: bytes) -> bytes:
    """The ThumbHash of pixels with four bytes each."""
    alphas = [alpha / 255 for alpha in rgba[3::4]]
    opacity = sum(alphas)
    # Transparent pixels have the average colour of the others.
    red, green, blue = (_over_average(rgba[i::4], alphas, opacity) for i in range(3))
    has_alpha = opacity < width * height
    most = 5 if has_alpha else 7
    nx, ny = (max(1, _round(most * side / max(width, height))) for side in (width, height))
    wide = width > height

    pixels = list(zip(red, green, blue, strict=True))
    l_dc, l_scale, l_ac = _waves(
        [(r + g + b) / 3 for r, g, b in pixels], width, max(3, nx), max(3, ny)
    )
    p_dc, p_scale, p_ac = _waves([(r + g) / 2 - b for r, g, b in pixels], width, 3, 3)
    q_dc, q_scale, q_ac = _waves([r - g for r, g, b in pixels], width, 3, 3)
    head = _round(63 * l_dc) | _round(31.5 + 31.5 * p_dc) << 6 | _round(31.5 + 31.5 * q_dc) << 12
    head |= _round(31 * l_scale) << 18 | has_alpha << 23
    more = (ny if wide else nx) | _round(63 * p_scale) << 3 | _round(63 * q_scale) << 9 | wide << 15
    result = head.to_bytes(3, "little") + more.to_bytes(2, "little")
    nibbles = [*l_ac, *p_ac, *q_ac]
    if has_alpha:
        a_dc, a_scale, a_ac = _waves(alphas, width, 5, 5)
        result += bytes([_round(15 * a_dc) | _round(15 * a_scale) << 4])
        nibbles += a_ac
    nibbles += [0] * (len(nibbles) % 2)
    return result + bytes(
        low | high << 4 for low, high in zip(nibbles[::2], nibbles[1::2], strict=True)
    )


def _over_average(channel: bytes, alphas: Sequence[float], opacity: float) -> list[float]:
    colours = [alpha * value / 255 for alpha, value in zip(alphas, channel, strict=True)]
    average = sum(colours) / opacity if opacity else 0.0
    return [average * (1 - a) + colour for a, colour in zip(alphas, colours, strict=True)]


def _waves(
    channel: Sequence[float], width: int, nx: int, ny: int
) -> tuple[float, float, list[int]]:
    """The mean, the largest amplitude, and the amplitudes as four bits each."""
    mean, *amplitudes = _amplitudes(channel, width, nx, ny)
    scale = max(map(abs, amplitudes), default=0.0)
    relative = [each / scale if scale else -1 for each in amplitudes]
    return mean, scale, [_round(15 * (0.5 + 0.5 * each)) for each in relative]


def _amplitudes(channel: Sequence[float], width: int, nx: int, ny: int) -> Iterator[float]:
    """The lower left triangle of a discrete cosine transform."""
    height = len(channel) // width
    for cy in range(ny):
        rows = [cos(pi / height * cy * (y + 0.5)) for y in range(height)]
        for cx in range(nx):
            if cx * ny >= nx * (ny - cy):
                break
            columns = [cos(pi / width * cx * (x + 0.5)) for x in range(width)]
            factors = (column * row for row in rows for column in columns)
            yield sum(v * f for v, f in zip(channel, factors, strict=True)) / len(channel)


def _round(number: float) -> int:
    """Round halves up, as the reference does."""
    return floor(number + 0.5)
