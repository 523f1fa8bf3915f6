"""Pictures become variants that show the same, and nothing else."""

import json
import shutil
import subprocess
from io import BytesIO

import pillow_heif
import pytest
from PIL import Image, ImageOps

from tests.files.samples import QUADRANTS, encoded, photo, quadrants, swapped_profile

ORIENTATION = 0x0112
T = Image.Transpose
TURNS = {
    1: None,
    2: T.FLIP_LEFT_RIGHT,
    3: T.ROTATE_180,
    4: T.FLIP_TOP_BOTTOM,
    5: T.TRANSPOSE,
    6: T.ROTATE_270,
    7: T.TRANSVERSE,
    8: T.ROTATE_90,
}
MOST = 24  # the difference that lossy compression may make


def colours(picture):
    """The colours of the four quadrants."""
    small = picture.convert("RGB")
    w, h = small.size
    places = ((0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75))
    return [small.getpixel((int(w * x), int(h * y))) for x, y in places]


def alike(some, others, most=MOST):
    """Whether colours are about the same."""
    return all(
        abs(a - b) <= most
        for one, other in zip(some, others, strict=True)
        for a, b in zip(one, other, strict=True)
    )


def test_a_photo_has_three_variants_and_a_placeholder(converted):
    result = converted(encoded(photo(3000, 2000), "JPEG"))

    assert (result.width, result.height, result.animated) == (3000, 2000, False)
    assert 20 < len(result.placeholder) < 40
    found = {name: (each.type, each.width, each.height) for name, each in result.variants.items()}
    assert found == {
        "full": ("image/jpeg", 2560, 1707),
        "thumbnail": ("image/webp", 960, 640),
        "saver": ("image/avif", 640, 427),
    }
    for name, each in result.variants.items():
        assert result.opened(name).size == (each.width, each.height)
        assert f"image/{result.opened(name).format.lower()}" == each.type
        assert (result.folder / name).stat().st_size == each.size
    assert 10 * result.variants["saver"].size < result.variants["full"].size


@pytest.mark.parametrize("name", ["PNG", "JPEG", "WEBP", "AVIF", "GIF"])
def test_no_variant_is_larger_than_the_picture(converted, name):
    result = converted(encoded(quadrants(), name))

    assert {(each.width, each.height) for each in result.variants.values()} == {(64, 32)}
    for variant in result.variants:
        assert alike(colours(result.opened(variant)), QUADRANTS)


@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP"])
def test_every_orientation_is_applied(converted, orientation, name):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    stored = quadrants()

    result = converted(encoded(stored, name, exif=exif))

    turn = TURNS[orientation]
    shown = stored if turn is None else stored.transpose(turn)
    assert (result.width, result.height) == shown.size
    for variant in result.variants:
        assert result.opened(variant).size == shown.size
        assert alike(colours(result.opened(variant)), colours(shown))


def test_a_heic_is_converted(converted):
    output = BytesIO()
    pillow_heif.from_pillow(quadrants(256, 128)).save(output, quality=90)

    result = converted(output.getvalue())

    assert (result.width, result.height) == (256, 128)
    assert alike(colours(result.opened()), QUADRANTS)


def test_a_colour_profile_is_applied(converted):
    red_and_green = quadrants()
    file = encoded(red_and_green, "JPEG", icc_profile=swapped_profile(), quality=95)

    shown = colours(converted(file).opened())

    (r, g, _), (r2, g2, _) = shown[:2]
    assert g > r
    assert r2 > g2


def test_a_broken_colour_profile_is_ignored(converted):
    result = converted(encoded(quadrants(), "PNG", icc_profile=b"\0" * 128 + b"no profile"))

    assert alike(colours(result.opened()), QUADRANTS)


@pytest.mark.parametrize("mode", ["L", "1", "P", "LA", "RGBA", "I;16"])
def test_png_of_every_mode(converted, mode):
    grey = Image.linear_gradient("L").resize((64, 32))
    if mode == "I;16":
        picture = grey.convert("I").point(lambda value: value * 257).convert(mode)
    else:
        picture = grey.convert("RGB").convert(mode)

    result = converted(encoded(picture, "PNG"))

    top, bottom = (result.opened().convert("L").getpixel((32, y)) for y in (1, 30))
    assert top < 40
    assert bottom > 215


def test_cmyk(converted):
    result = converted(encoded(quadrants(mode="CMYK"), "JPEG", quality=95))

    assert alike(colours(result.opened()), QUADRANTS, most=40)


@pytest.mark.parametrize("name", ["PNG", "WEBP", "GIF"])
def test_transparency_stays(converted, name):
    picture = quadrants(mode="RGBA")
    picture.paste((0, 0, 0, 0), (0, 0, 32, 16))
    if name == "GIF":
        picture = picture.convert("RGB").quantize(8)
        picture.info["transparency"] = picture.getpixel((5, 5))

    result = converted(encoded(picture, name))

    for variant in result.variants:
        alpha = result.opened(variant).convert("RGBA").getchannel("A")
        assert alpha.getpixel((8, 8)) < 20
        assert alpha.getpixel((50, 20)) > 235


def test_a_palette_stays_exact(converted):
    drawing = photo(300, 200).quantize(16)

    result = converted(encoded(drawing, "PNG"))

    assert result.opened().convert("RGB").tobytes() == drawing.convert("RGB").tobytes()


@pytest.mark.parametrize("size", [(1, 1), (1, 10_000), (10_000, 1), (2, 3)])
def test_small_and_narrow_pictures(converted, size):
    result = converted(encoded(Image.new("RGB", size, (9, 99, 199)), "PNG"))

    assert (result.width, result.height) == size
    for variant in result.variants.values():
        assert min(variant.width, variant.height) >= 1
        assert max(variant.width, variant.height) <= 2560
        assert alike([result.opened(variant.name).convert("RGB").getpixel((0, 0))], [(9, 99, 199)])


def test_a_large_picture_with_transparency_is_read_in_strips(converted):
    result = converted(encoded(quadrants(4200, 4000, "RGBA"), "PNG", compress_level=1))

    assert (result.variants["full"].width, result.variants["full"].height) == (2100, 2000)
    assert alike(colours(result.opened()), QUADRANTS)


def moving(name, size=(40, 30), **options):
    frames = [Image.new("RGB", size, (60 * i, 0, 255 - 60 * i)) for i in range(4)]
    return encoded(frames[0], name, save_all=True, append_images=frames[1:], **options)


@pytest.mark.parametrize(
    ("name", "loop", "plays"),
    [("GIF", 0, 0), ("GIF", 3, 4), ("GIF", None, 1), ("WEBP", 2, 2), ("PNG", 2, 2)],
)
def test_moving_pictures_keep_moving(converted, name, loop, plays):
    durations = [50, 70, 200, 1000]
    options = {} if loop is None else {"loop": loop}

    result = converted(moving(name, duration=durations, **options))

    assert result.animated
    full = result.opened()
    assert (full.format, full.n_frames, full.info["loop"]) == ("WEBP", 4, plays)
    for number, duration in enumerate(durations):
        full.seek(number)
        full.load()
        assert full.info["duration"] == duration
        expected = (60 * number, 0, 255 - 60 * number)
        assert alike([full.convert("RGB").getpixel((9, 9))], [expected])
    for still in ("thumbnail", "saver"):
        assert getattr(result.opened(still), "n_frames", 1) == 1


def test_all_variants_of_a_moving_picture_are_the_same_way_up(converted):
    exif = Image.Exif()
    exif[ORIENTATION] = 6

    result = converted(moving("WEBP", exif=exif))

    assert (result.width, result.height) == (40, 30)
    assert {(each.width, each.height) for each in result.variants.values()} == {(40, 30)}


def test_large_moving_pictures_become_smaller(converted):
    result = converted(moving("GIF", size=(1920, 960), duration=50))

    assert (result.width, result.height) == (1920, 960)
    assert result.opened().size == (960, 480)
    assert result.opened().n_frames == 4


def test_frames_without_a_time_are_shown_for_as_long_as_in_browsers(converted):
    full = converted(moving("GIF", duration=0)).opened()

    full.load()
    assert full.info["duration"] == 100


SECRET = "s3cret-place"


@pytest.fixture
def exiftool():
    """Run ExifTool."""
    if not shutil.which("exiftool"):
        pytest.skip("exiftool is missing")

    def run(*arguments):
        done = subprocess.run(
            ["exiftool", *map(str, arguments)], capture_output=True, text=True, check=True
        )
        return done.stdout

    return run


@pytest.mark.parametrize(
    ("name", "frames"),
    [("JPEG", 1), ("PNG", 1), ("WEBP", 1), ("GIF", 1), ("PNG", 3), ("WEBP", 3), ("GIF", 3)],
)
def test_no_stored_byte_has_metadata(converted, exiftool, tmp_path, name, frames):
    many = {"save_all": True, "append_images": [photo(64, 32)] * 2, "duration": 50}
    file = tmp_path / f"tagged.{name.lower()}"
    profile = {} if name == "GIF" else {"icc_profile": swapped_profile()}
    options = {**profile, **(many if frames > 1 else {})}
    file.write_bytes(encoded(quadrants(), name, **options))
    (tmp_path / "thumb.jpg").write_bytes(encoded(photo(32, 16), "JPEG", comment=SECRET))
    tags = ["-XMP:Location=" + SECRET, "-Comment=" + SECRET]
    if name != "GIF":
        tags += ["-GPSLatitude=52.5", "-GPSLatitudeRef=N", "-EXIF:Artist=" + SECRET]
    if name == "JPEG":
        tags += ["-IPTC:City=" + SECRET, f"-ThumbnailImage<={tmp_path / 'thumb.jpg'}"]
    exiftool("-overwrite_original", *tags, file)
    assert SECRET.encode() in file.read_bytes()

    result = converted(file.read_bytes())

    stored = [result.folder / variant for variant in result.variants]
    assert not any(SECRET.encode() in each.read_bytes() for each in stored)
    for found in json.loads(exiftool("-j", "-G0", "-a", "-u", "-ee", *stored)):
        groups = {key.partition(":")[0] for key in found} - {"SourceFile"}
        # AVIF describes its pixels in boxes of QuickTime. JFIF has the density only.
        assert groups <= {"ExifTool", "File", "RIFF", "JFIF", "QuickTime", "Composite", "Meta"}
        assert not [key for key in found if "Warning" in key]


def test_nothing_is_turned_twice(converted):
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    result = converted(encoded(quadrants(), "JPEG", exif=exif))

    again = converted((result.folder / "full").read_bytes())

    assert (again.width, again.height) == (32, 64)
    assert ImageOps.exif_transpose(again.opened()).size == (32, 64)
