"""Placeholders are those of the reference, https://www.npmjs.com/package/thumbhash 0.1.1."""

from base64 import b64decode

import pytest

from apps.files.pictures.placeholder import placeholder, thumb_hash
from tests.files.samples import quadrants

VECTORS = [
    (
        10,
        31,
        lambda x, y: ((x * x * 7 + y) & 255, y * 8, x + y * 3, 255),
        "95c90d1a1865708777777887207239f587",
    ),
    (
        20,
        32,
        lambda x, y: (x * 12, y * 7, (x * 13 + y * 5) & 255, (x * 9 + y * 4) & 255),
        "df1786230e184260998887c0d207fa675068536aa58676",
    ),
    (
        32,
        32,
        lambda x, y: (200, (x ^ y) * 8, y * 7, 0 if x > 15 else 255),
        "a4998a1d0a587778309787888877cf77f78d8f758888787888",
    ),
    (1, 1, lambda x, y: (10, 200, 30, 255), "548a289f5e08f708888788708f7088f80888808008f7870f"),
    (8, 8, lambda x, y: (1, 2, 3, 0), "00088205000000000000000000000000000000000000000000"),
    (1, 32, lambda x, y: (y * 7, 0, 255 - y * 7, 255), "15d52ab93608888788888888f782884078"),
]


@pytest.mark.parametrize(("width", "height", "pixel", "expected"), VECTORS)
def test_hashes_are_those_of_the_reference(width, height, pixel, expected):
    pixels = bytes(channel for y in range(height) for x in range(width) for channel in pixel(x, y))

    assert thumb_hash(width, height, pixels).hex() == expected


def test_a_placeholder_is_a_short_text():
    assert len(b64decode(placeholder(quadrants(640, 480)), validate=True)) < 30
