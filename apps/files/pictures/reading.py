"""Reads the header of a picture, then as many of its pixels as are shown."""

import struct
from io import BytesIO
from pathlib import Path

from PIL import (
    AvifImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    ImageFile,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from apps.files.pictures.errors import NotAPicture, TooLarge
from apps.files.pictures.limits import MAX_FRAMES, MAX_MOVING_PIXELS, MAX_PIXELS, MAX_SIDE

PLUGINS = (AvifImagePlugin, GifImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin)
FORMATS = ("AVIF", "GIF", "JPEG", "PNG", "WEBP", "HEIF")
# Two thirds of the work of LANCZOS, without a visible difference at these sizes.
RESAMPLING = Image.Resampling.HAMMING
# Formats whose decoders need 16 (WebP) or 10 bytes for each pixel, by the start of the file.
MAX_PIXELS_OF = ((b"WEBP", 16_000_000), (b"ftyp", 25_000_000))
# Larger pictures are halved first. Their long side is at least 4,000 pixels, unless it is drafted.
LARGE_PIXELS, STRIP_ROWS = 16_000_000, 256
# Errors of Pillow and its decoders on broken files.
BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error, KeyError, IndexError, TypeError)
_SRGB = ImageCms.createProfile("sRGB")


def open_picture(source: Path) -> ImageFile.ImageFile:
    """Read the header. Raises NotAPicture or TooLarge."""
    with source.open("rb") as file:
        head = file.read(16)
    if head[4:8] == b"ftyp" and not head[8:12].startswith(b"avi"):
        _register_heif()
    most = next((most for magic, most in MAX_PIXELS_OF if magic in head), MAX_PIXELS)
    # Pillow refuses twice this number, before a decoder allocates memory.
    Image.MAX_IMAGE_PIXELS = most // 2
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    try:
        picture = Image.open(source, formats=[name for name in FORMATS if name in Image.OPEN])
        frames: int = getattr(picture, "n_frames", 1)
    except Image.DecompressionBombError as error:
        raise TooLarge(str(error)) from error
    except BROKEN as error:
        raise NotAPicture(str(error)) from error
    pixels = picture.width * picture.height
    if max(picture.size) > MAX_SIDE or frames > MAX_FRAMES:
        raise TooLarge(f"{picture.size}, {frames} frames")
    if frames > 1 and frames * pixels > MAX_MOVING_PIXELS:
        raise TooLarge(f"{frames} frames of {pixels} pixels")
    return picture


def _register_heif() -> None:
    """Load the decoder of HEIC, which costs 20 ms."""
    import pi_heif

    pi_heif.options.THUMBNAILS = False
    pi_heif.options.DEPTH_IMAGES = False
    pi_heif.options.AUX_IMAGES = False
    pi_heif.options.DECODE_THREADS = 1
    pi_heif.register_heif_opener()


def is_graphic(picture: ImageFile.ImageFile, size: int) -> bool:
    """Whether it is a screenshot or a drawing: in PNG and GIF, photos need more bytes a pixel."""
    return picture.format in ("PNG", "GIF") and size < picture.width * picture.height


def fit(size: tuple[int, int], edge: int) -> tuple[int, int]:
    """The size with the long side at most `edge`."""
    scale = min(1.0, edge / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def shrink(picture: Image.Image, edge: int) -> Image.Image:
    """The picture with the long side at most `edge`."""
    size = fit(picture.size, edge)
    if size == picture.size:
        return picture
    return picture.resize(size, RESAMPLING, reducing_gap=2.0)


def squared(picture: Image.Image) -> Image.Image:
    """An RGBA picture in the middle of a transparent square."""
    edge = max(picture.size)
    if picture.size == (edge, edge):
        return picture
    square = Image.new("RGBA", (edge, edge))
    square.paste(picture, ((edge - picture.width) // 2, (edge - picture.height) // 2))
    return square


def still(picture: ImageFile.ImageFile, edge: int, *, turn: bool) -> Image.Image:
    """The first frame as it is shown: in sRGB, with the long side at most `edge`, and upright.

    Moving pictures are not turned: only cameras write orientations.
    """
    picture.seek(0)
    # A JPEG is decoded at half the size or less if that suffices.
    picture.draft(None, fit(picture.size, edge))
    picture.load()
    shown = _reduced(picture, edge) if _is_large(picture) else eight_bits(picture)
    shown = shrink(shown, edge)
    return srgb(_upright(shown) if turn else shown)


def _is_large(picture: Image.Image) -> bool:
    return picture.width * picture.height > LARGE_PIXELS


def _reduced(picture: Image.Image, edge: int) -> Image.Image:
    """The picture at half its size or less. It is converted in strips, to save memory."""
    factor = max(2, max(picture.size) // edge)
    rows = STRIP_ROWS * factor
    strips = []
    for top in range(0, picture.height, rows):
        strip = picture.crop((0, top, picture.width, min(picture.height, top + rows)))
        strips.append(eight_bits(strip).reduce(factor))
    whole = Image.new(strips[0].mode, (strips[0].width, sum(each.height for each in strips)))
    for number, strip in enumerate(strips):
        whole.paste(strip, (0, number * STRIP_ROWS))
    whole.info = dict(picture.info)
    return whole


def _upright(picture: Image.Image) -> Image.Image:
    """Turn the picture as its EXIF orientation says. One without a valid orientation stays."""
    try:
        return ImageOps.exif_transpose(picture)
    except BROKEN:
        return picture


def eight_bits(picture: Image.Image) -> Image.Image:
    """The same picture with a byte per channel, without a palette."""
    if picture.mode.startswith("I"):
        return picture.convert("I").point(lambda value: value / 256).convert("L")
    if picture.mode in ("L", "RGB", "RGBA", "CMYK") and "transparency" not in picture.info:
        return picture
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def srgb(picture: Image.Image) -> Image.Image:
    """Apply the colour profile. The result is RGB or RGBA, without metadata of any kind."""
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    if profile := picture.info.get("icc_profile"):
        try:
            embedded = ImageCms.ImageCmsProfile(BytesIO(profile))
            if "sRGB" not in ImageCms.getProfileDescription(embedded):
                converted = ImageCms.profileToProfile(picture, embedded, _SRGB, outputMode=mode)
                picture = converted or picture
        except (ImageCms.PyCMSError, *BROKEN):
            pass  # A profile for other colours than the picture's, or a broken one.
    clean = picture if picture.mode == mode else picture.convert(mode)
    clean.info = {}
    return clean
