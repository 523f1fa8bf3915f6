"""P9, pictures: a photo of twelve megapixels becomes its variants."""

import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image

from apps.files.pictures.converter import Converted, convert
from bench.options import Options
from bench.report import Row, Target

SIZE = (4000, 3000)
PHOTOS = 12
CPU = Target(600, at_most=True)
PEAK = Target(200, at_most=True)


def run(options: Options) -> list[Row]:
    """Convert one photo again and again: one at a time, then one for each core."""
    if "parley" not in options.contestants:
        return []
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        photo = Path(folder) / "photo.jpg"
        _photo().save(photo, quality=90)
        print(f"  a JPEG of {photo.stat().st_size / 2**20:.1f} MiB", flush=True)
        alone, _ = _convert(photo, workers=1)
        for variant in alone[0].variants:
            print(
                f"  {variant.name:10} {variant.type:11} {variant.width} x {variant.height}"
                f"  {variant.size / 1024:7.0f} KiB",
                flush=True,
            )
        cores = len(os.sched_getaffinity(0))
        together, rate = _convert(photo, workers=cores)
    return [
        _row("photo to three variants, processor time", _cpu_ms(alone), "CPU-ms", CPU),
        _row(f"the same, {cores} at a time", _cpu_ms(together), "CPU-ms", CPU),
        _row("largest memory of a conversion", _peak_mib([*alone, *together]), "MiB", PEAK),
        _row(f"photos, {cores} at a time", rate, "photos/s"),
    ]


def _photo() -> Image.Image:
    """Noise of several sizes: as much detail as a photo of leaves."""
    channels = []
    for _ in range(3):
        channel = Image.new("L", SIZE, 128)
        for size in (8, 32, 128, 512, 2048):
            noise = Image.effect_noise((size, size * 3 // 4), 60).resize(SIZE)
            channel = Image.blend(channel, noise, 0.35)
        channels.append(channel)
    return Image.merge("RGB", channels)


def _convert(photo: Path, *, workers: int) -> tuple[list[Converted], float]:
    """The results, and how many were converted each second."""

    def one(number: int) -> Converted:
        folder = photo.parent / f"{workers}-{number}"
        folder.mkdir()
        return convert(photo, folder)

    began = time.perf_counter()
    with ThreadPoolExecutor(workers) as threads:
        results = list(threads.map(one, range(PHOTOS)))
    return results, PHOTOS / (time.perf_counter() - began)


def _cpu_ms(results: list[Converted]) -> float:
    return 1000 * sum(each.cpu_s for each in results) / len(results)


def _peak_mib(results: list[Converted]) -> float:
    return max(each.peak_bytes for each in results) / 2**20


def _row(metric: str, value: float, unit: str, target: Target | None = None) -> Row:
    return Row(row="P9", metric=metric, value=value, unit=unit, target=target)
