"""Where collected static files are kept, and what is made of them ahead of time."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from whitenoise.storage import CompressedStaticFilesStorage

from apps.core.minify_js import served_script
from apps.core.stylesheets import SHEETS, parts, sheet_name


class StaticStorage(CompressedStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Joins the style sheets, thins the scripts and compresses our own files.

    Those of the admin and of the API's pages are many and seldom fetched: compressing them would
    take longer than all the rest of a first start.
    """

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, bool]]:
        """What collectstatic asks for: (name, name of what was made of it, True) of each."""
        folders = {Path(folder) for folder in settings.STATICFILES_DIRS}
        own = {
            name: source
            for name, source in paths.items()
            if Path(getattr(source[0], "location", "")) in folders
        }
        if own and not dry_run:
            own |= dict.fromkeys(self._join_sheets())
            self._minify_scripts(own)
        yield from super().post_process(own, dry_run, **options)

    def _join_sheets(self) -> list[str]:
        """One request a page instead of one a component: a cold start is made of round trips."""
        names = [sheet_name(name) for name in SHEETS]
        for name, sheet in zip(names, SHEETS, strict=True):
            files = [Path(self.path(part)) for part in parts(sheet)]
            Path(self.path(name)).write_bytes(b"\n".join(file.read_bytes() for file in files))
        return names

    def _minify_scripts(self, names: Iterable[str]) -> None:
        for name in names:
            if name.endswith(".js"):
                file = Path(self.path(name))
                file.write_text(
                    served_script(name, file.read_text(encoding="utf-8")), encoding="utf-8"
                )
