"""Moving pictures: GIF, WebP, APNG and AVIF with several frames become an animated WebP."""

from io import BytesIO
from pathlib import Path

from PIL import Image, ImageFile

from apps.files.pictures.encoding import Written, put
from apps.files.pictures.reading import eight_bits, fit, shrink, squared, srgb

MAX_EDGE = 960
QUALITY = 70
# As browsers do: shorter times in a GIF mean "as fast as possible" on computers of its age.
MIN_DURATION_MS, SHORT_DURATION_MS = 11, 100


class Frames(Image.Image):
    """The frames of a picture as they are shown, read one by one.

    Pillow's encoder calls `seek` before each frame, and reads the duration after it. So only one
    frame is in memory.
    """

    def __init__(self, source: ImageFile.ImageFile, edge: int, *, square: bool = False) -> None:
        super().__init__()
        self.source = source
        self.edge = edge
        self.square = square
        self.n_frames: int = source.n_frames  # type: ignore[attr-defined]
        self.durations: list[int] = []
        self._size = fit(source.size, edge)
        if square:
            self._size = (max(self._size), max(self._size))
        self._mode = "RGBA"

    def seek(self, frame: int) -> None:
        """Make `frame` the content of this picture. Frames are asked for in order."""
        if frame < len(self.durations):
            return
        self.source.seek(frame)
        self.source.load()
        duration = round(self.source.info.get("duration", 0))
        self.durations.append(SHORT_DURATION_MS if duration < MIN_DURATION_MS else duration)
        shown = srgb(shrink(eight_bits(self.source.copy()), self.edge)).convert("RGBA")
        self.im = (squared(shown) if self.square else shown).im

    def tell(self) -> int:
        """The current frame."""
        return max(0, len(self.durations) - 1)


def write_moving(source: ImageFile.ImageFile, into: Path) -> Written:
    """Write `full` as an animated WebP with the durations and loops of the source."""
    frames = Frames(source, MAX_EDGE)
    return put(encoded(frames, QUALITY), "full", "image/webp", frames.size, into)


def encoded(frames: Frames, quality: int) -> bytes:
    """The frames as an animated WebP."""
    output = BytesIO()
    frames.save(
        output,
        "WEBP",
        save_all=True,
        duration=frames.durations,
        loop=_loops(frames.source),
        quality=quality,
        method=1,
    )
    return output.getvalue()


def _loops(source: ImageFile.ImageFile) -> int:
    """How often WebP plays all frames; 0: without end. A GIF counts repeats, or does not repeat."""
    if source.format != "GIF":
        return int(source.info.get("loop", 0))
    loop = source.info.get("loop")
    return 1 if loop is None else min(int(loop) + 1, 65535) if loop else 0
