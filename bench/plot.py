"""Line plots as SVG, readable on light and dark pages."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

Points = Sequence[tuple[float, float]]
WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 32, 64, 48
# The colours of Okabe and Ito, which the colour-blind can tell apart, each readable on white and
# on black; lines also differ by their dashes.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#b0689a")
DASHES = ("", "8 4", "2 4", "10 3 2 3")
# An image takes the theme of the browser, as the page around it does.
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600; font-size: 15px }
.back { fill: #ffffff }
.grid { stroke: #d0d7de; stroke-width: 1 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .back { fill: #0d1117 }
  .grid { stroke: #3d444d }
  .line { filter: brightness(1.4) }
}
"""


@dataclass(frozen=True)
class Plot:
    """A plot of named series. Both axes are logarithmic, or both linear and from zero."""

    title: str
    x: str
    y: str
    series: dict[str, Points]
    logarithmic: bool = False

    def svg(self) -> str:
        """The image. The series must have points."""
        points = [point for each in self.series.values() for point in each]
        across = _Axis([x for x, _ in points], LEFT, WIDTH - RIGHT, log=self.logarithmic)
        up = _Axis([y for _, y in points], HEIGHT - BOTTOM, TOP, log=self.logarithmic)
        described = escape(f"{self.title}: {self.y} against {self.x}")
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="{described}">',
            f"<style>{STYLE}</style>",
            f'<rect class="back" width="{WIDTH}" height="{HEIGHT}"/>',
            f'<text class="title" x="{LEFT}" y="22">{escape(f"{self.title}: {self.y}")}</text>',
            f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 8}" text-anchor="end">{escape(self.x)}</text>',
        ]
        for value in across.ticks:
            at = across.at(value)
            parts.append(_line(at, TOP, at, HEIGHT - BOTTOM))
            parts.append(_text(at, HEIGHT - BOTTOM + 18, value, "middle"))
        for value in up.ticks:
            at = up.at(value)
            parts.append(_line(LEFT, at, WIDTH - RIGHT, at))
            parts.append(_text(LEFT - 6, at + 4, value, "end"))
        for number, (name, series) in enumerate(self.series.items()):
            places = [(across.at(x), up.at(y)) for x, y in series]
            parts += _drawn(name, places, number, len(self.series))
        return "\n".join([*parts, "</svg>", ""])


class _Axis:
    def __init__(self, values: list[float], begin: float, end: float, *, log: bool) -> None:
        self._begin, self._end, self._log = begin, end, log
        if log:
            low = math.floor(math.log10(min(values)))
            high = max(math.ceil(math.log10(max(values))), low + 1)
            self.ticks = [10.0**power for power in range(low, high + 1)]
        else:
            step = _step(max(*values, 1e-9))
            count = math.ceil(max(*values, 1e-9) / step)
            self.ticks = [step * n for n in range(count + 1)]
        self._low, self._high = self._place(self.ticks[0]), self._place(self.ticks[-1])

    def at(self, value: float) -> float:
        """The pixel of a value."""
        share = (self._place(value) - self._low) / (self._high - self._low)
        return self._begin + share * (self._end - self._begin)

    def _place(self, value: float) -> float:
        return math.log10(value) if self._log else value


def _step(highest: float) -> float:
    """1, 2 or 5 times a power of ten, so that there are at most six steps."""
    power = 10.0 ** math.floor(math.log10(highest / 6))
    return next(power * times for times in (1, 2, 5, 10) if power * times * 6 >= highest)


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="grid" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, value: float, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{value:,.12g}</text>'


def _drawn(
    name: str, places: Sequence[tuple[float, float]], number: int, count: int
) -> Sequence[str]:
    colour, dashes = COLOURS[number % len(COLOURS)], DASHES[number % len(DASHES)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    pen = f'class="line" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"'
    # The names are below the title, in columns.
    x = 16 + number * (WIDTH - 16) / count
    return [
        f'<polyline {pen} points="{path}"/>',
        *(
            f'<circle class="line" cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'
            for x, y in places
        ),
        f'<line {pen} x1="{x:.1f}" y1="40" x2="{x + 24:.1f}" y2="40"/>',
        f'<text x="{x + 30:.1f}" y="44">{escape(name)}</text>',
    ]
