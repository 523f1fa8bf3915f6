"""Draws the picture of the demo: a lighthouse in the evening."""

from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter

NAME = "breakwater.jpg"
WIDTH, HEIGHT = 1200, 520
HORIZON = 430
LAMP = (838, 116)
# From the top to the horizon.
SKY = ((24, 32, 66), (94, 72, 118), (226, 138, 108), (250, 196, 130))
SEA = ((120, 92, 112), (18, 30, 52))


def draw() -> bytes:
    """The picture as a JPEG file."""
    image = Image.new("RGB", (WIDTH, HEIGHT))
    image.paste(_gradient(SKY, HORIZON), (0, 0))
    image.paste(_gradient(SEA, HEIGHT - HORIZON), (0, HORIZON))
    _glow(image, _beams(), blur=14)
    _glow(image, _lamp(), blur=26)
    _land(ImageDraw.Draw(image))
    _tower(ImageDraw.Draw(image))
    out = BytesIO()
    image.save(out, "JPEG", quality=88)
    return out.getvalue()


def _gradient(colours: tuple[tuple[int, ...], ...], height: int) -> Image.Image:
    column = Image.new("RGB", (1, len(colours)))
    column.putdata(list(colours))
    return column.resize((WIDTH, height), Image.Resampling.BICUBIC)


def _glow(image: Image.Image, light: Image.Image, *, blur: int) -> None:
    """Lay warm light over the picture, as strong as `light` is bright."""
    image.paste((255, 236, 190), mask=light.filter(ImageFilter.GaussianBlur(blur)))


def _beams() -> Image.Image:
    light = Image.new("L", (WIDTH, HEIGHT))
    drawn = ImageDraw.Draw(light)
    x, y = LAMP
    drawn.polygon([(x, y), (0, y - 20), (0, y + 170)], fill=120)
    drawn.polygon([(x, y), (WIDTH, y - 80), (WIDTH, y + 10)], fill=90)
    # On the water, below the lamp.
    for row, half in enumerate((60, 44)):
        top = HORIZON + 24 + row * 38
        drawn.rectangle([x - 40 - half, top, x - 40 + half, top + 8], fill=110 - row * 28)
    return light


def _lamp() -> Image.Image:
    light = Image.new("L", (WIDTH, HEIGHT))
    x, y = LAMP
    ImageDraw.Draw(light).ellipse([x - 44, y - 44, x + 44, y + 44], fill=255)
    return light


def _land(drawn: ImageDraw.ImageDraw) -> None:
    far, near = (62, 54, 84), (20, 22, 36)
    drawn.polygon([(0, HORIZON), (0, 400), (150, 386), (330, 416), (470, HORIZON)], fill=far)
    drawn.polygon(
        [(560, 520), (640, 446), (740, 408), (960, 402), (1100, 440), (WIDTH, 452), (WIDTH, 580)],
        fill=near,
    )


def _tower(drawn: ImageDraw.ImageDraw) -> None:
    x, y = LAMP
    dark, white, red = (28, 26, 40), (226, 214, 208), (158, 58, 60)
    bands = 5
    for band in range(bands):
        top, bottom = y + 26 + band * 54, y + 26 + (band + 1) * 54
        upper, lower = 30 + band * 4, 30 + (band + 1) * 4
        drawn.polygon(
            [(x - upper, top), (x + upper, top), (x + lower, bottom), (x - lower, bottom)],
            fill=red if band % 2 else white,
        )
    drawn.rectangle([x - 42, y + 18, x + 42, y + 28], fill=dark)
    drawn.rectangle([x - 22, y - 18, x + 22, y + 18], fill=(255, 238, 180))
    drawn.line([(x, y - 18), (x, y + 18)], fill=dark, width=3)
    drawn.polygon([(x - 30, y - 18), (x + 30, y - 18), (x, y - 52)], fill=dark)
