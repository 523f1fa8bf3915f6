"""Pictures become small squares, and hostile ones nothing."""

import json

import pytest
from PIL import Image

from apps.core.errors import Invalid
from apps.emoji.actions import emoji
from apps.emoji.models import Emoji
from apps.files.models import StoredObject
from apps.files.pictures.converter import read_outcome
from apps.files.pictures.emoji import MAX_BYTES
from apps.files.pictures.errors import NotAPicture, TooLarge
from apps.files.pictures.process import outcome
from tests.emoji.conftest import moving
from tests.files.samples import encoded, gif, photo, png, quadrants

MARK = b"taken at home"


@pytest.fixture
def made(tmp_path):
    """`made(bytes)`: the variants, by name, opened."""

    def make(content):
        source = tmp_path / "source"
        source.write_bytes(content)
        read_outcome(json.dumps(outcome(source, tmp_path, "emoji")).encode())
        names = ("full", "thumbnail")
        return {name: Image.open(tmp_path / name) for name in names if (tmp_path / name).exists()}

    return make


@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_picture_becomes_a_square_webp_in_the_middle(made, name):
    [(form, shown)] = made(encoded(photo(400, 200), name)).items()
    assert (form, shown.format, shown.size) == ("full", "WEBP", (128, 128))
    corner, middle = (
        shown.convert("RGBA").getpixel((2, 2)),
        shown.convert("RGBA").getpixel((64, 64)),
    )
    assert (corner[3], middle[3]) == (0, 255)


def test_a_photo_is_upright_as_its_camera_says(made):
    """Not as before https://github.com/zulip/zulip/pull/9574."""
    exif = Image.Exif()
    exif[0x0112] = 6  # the top of the picture is at its left
    lying, upright = quadrants(64, 64), quadrants(64, 64).rotate(-90)
    shown = made(encoded(lying, "JPEG", exif=exif))["full"].convert("RGB")
    for place in ((8, 8), (56, 8), (8, 56)):
        wanted = upright.convert("RGB").getpixel(place)
        assert max(abs(a - b) for a, b in zip(shown.getpixel(place), wanted, strict=True)) < 40


def test_a_small_picture_is_not_enlarged(made):
    assert made(encoded(quadrants(20, 16), "PNG"))["full"].size == (20, 20)


def test_one_that_moves_goes_on_moving_and_has_a_still_frame(made):
    found = made(moving())
    assert (found["full"].n_frames, found["full"].size) == (3, (128, 128))
    assert (found["full"].info["loop"], found["thumbnail"].n_frames) == (0, 1)


def test_a_long_one_gets_smaller_until_it_has_room(made, tmp_path):
    assert made(moving(128, 80))["full"].width < 128
    assert (tmp_path / "full").stat().st_size <= MAX_BYTES


def test_metadata_is_gone(made, tmp_path):
    exif = Image.Exif()
    exif[0x010E] = MARK.decode()
    for name in ("PNG", "JPEG", "WEBP"):
        assert MARK in encoded(photo(50, 50), name, exif=exif)
        made(encoded(photo(50, 50), name, exif=exif))
        assert MARK not in (tmp_path / "full").read_bytes()


@pytest.mark.parametrize(
    ("what", "error"),
    [
        (b"", NotAPicture),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', NotAPicture),
        (b"GIF89a<script>alert(1)</script>", NotAPicture),
        (encoded(quadrants(), "AVIF"), NotAPicture),
        (encoded(quadrants(), "BMP"), NotAPicture),
        (png(30_000, 30_000), TooLarge),
        (gif(501), TooLarge),
        (gif(60, 700, 700), TooLarge),
    ],
    ids=["empty", "svg", "script", "avif", "bmp", "bomb", "frames", "huge frames"],
)
def test_what_is_no_small_picture_is_refused(made, what, error):
    with pytest.raises(error):
        made(what)


def test_noise_that_moves_is_refused_when_it_is_small(made):
    with pytest.raises(TooLarge):
        made(moving(64, 400))


def test_a_file_that_is_a_script_too_is_only_its_pixels(made, tmp_path):
    made(encoded(quadrants(), "GIF") + b"<script>alert(1)</script>PK\x03\x04")
    assert b"script" not in (tmp_path / "full").read_bytes()


@pytest.mark.parametrize("picture", [b"", b"no picture", bytes(1_048_577)])
def test_a_refusal_names_the_picture_and_leaves_nothing(alice, picture):
    with pytest.raises(Invalid) as refusal:
        emoji.add(alice.id, name="party_cat", picture=picture)
    assert refusal.value.pointer == "#/picture"
    assert not Emoji.objects.exists()
    assert not StoredObject.objects.exists()
