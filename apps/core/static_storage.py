"""The storage of collected static files, which processes them ahead of time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from whitenoise.compress import Compressor, brotli
from whitenoise.storage import CompressedStaticFilesStorage

from apps.core.join_modules import can_join, join_modules
from apps.core.minify_js import served_script
from apps.core.stylesheets import SHEETS, parts, sheet_name

# At its best quality, Brotli takes 4 s for the worker of pdf.js alone.
LARGE_BYTES = 200_000
LARGE_QUALITY, BEST_QUALITY = 6, 11


class FastCompressor(Compressor):  # type: ignore[misc]  # whitenoise has no types
    """Compresses large files less, so that collecting them is quick."""

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        """The compressed content of a file."""
        quality = LARGE_QUALITY if len(data) > LARGE_BYTES else BEST_QUALITY
        return bytes(brotli.compress(data, quality=quality))


class StaticStorage(CompressedStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Joins the style sheets, minifies and joins the scripts, and compresses our own files.

    The admin's and the API browser's files are many and rarely fetched; compressing them would
    take longer than everything else in a first start.
    """

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, bool]]:
        """Hook of collectstatic: yields (name, processed name, True) for each file."""
        folders = {Path(folder) for folder in settings.STATICFILES_DIRS}
        own = {
            name: source
            for name, source in paths.items()
            if Path(getattr(source[0], "location", "")) in folders
        }
        if own and not dry_run:
            own |= dict.fromkeys(self._join_sheets())
            scripts = [name for name in own if name.endswith(".js")]
            self._minify(scripts)
            if can_join():
                files = join_modules(Path(self.location), scripts)
                own = {name: own[name] for name in own if self.exists(name)}
                own |= dict.fromkeys(files)
        yield from super().post_process(own, dry_run, **options)

    def create_compressor(self, **options: Any) -> FastCompressor:
        """Hook of WhiteNoise: what compresses each file."""
        return FastCompressor(**options)

    def _join_sheets(self) -> list[str]:
        """Join the sheets: one request a page, because round trips dominate a cold start."""
        names = [sheet_name(name) for name in SHEETS]
        for name, sheet in zip(names, SHEETS, strict=True):
            files = [Path(self.path(part)) for part in parts(sheet)]
            Path(self.path(name)).write_bytes(b"\n".join(file.read_bytes() for file in files))
        return names

    def _minify(self, scripts: list[str]) -> None:
        for name in scripts:
            file = Path(self.path(name))
            file.write_text(served_script(name, file.read_text(encoding="utf-8")), encoding="utf-8")
