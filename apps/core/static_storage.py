"""Storage of collected static files: joined, shortened and compressed ahead of time."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from whitenoise.storage import CompressedStaticFilesStorage

from apps.core.scripts import as_sent
from apps.core.stylesheets import SHEETS, parts, sheet_name


class StaticStorage(CompressedStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Joins style sheets, shortens scripts and compresses our own files.

    Files of the admin and of the API's pages are not compressed. They are many and rarely fetched,
    and compressing them would take longer than the rest of a first start.
    """

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, bool]]:
        """Process our own files. Yields (name, processed name, True), as collectstatic expects."""
        folders = {Path(folder) for folder in settings.STATICFILES_DIRS}
        own = {
            name: source
            for name, source in paths.items()
            if Path(getattr(source[0], "location", "")) in folders
        }
        if own and not dry_run:
            own |= dict.fromkeys(self._join_sheets())
            self._shorten_scripts(own)
        yield from super().post_process(own, dry_run, **options)

    def _join_sheets(self) -> list[str]:
        """Join style sheets: one request for each page instead of one for each component.

        The time of a first visit is mostly round trips.
        """
        names = [sheet_name(name) for name in SHEETS]
        for name, sheet in zip(names, SHEETS, strict=True):
            files = [Path(self.path(part)) for part in parts(sheet)]
            Path(self.path(name)).write_bytes(b"\n".join(file.read_bytes() for file in files))
        return names

    def _shorten_scripts(self, names: Iterable[str]) -> None:
        for name in names:
            if name.endswith(".js"):
                file = Path(self.path(name))
                file.write_text(as_sent(name, file.read_text(encoding="utf-8")), encoding="utf-8")
