"""Where collected static files are kept, and which of them are compressed ahead of time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from whitenoise.storage import CompressedStaticFilesStorage


class StaticStorage(CompressedStaticFilesStorage):  # type: ignore[misc]  # whitenoise has no types
    """Compresses our own files. Those of the admin and of the API's pages are many and seldom
    fetched: compressing them would take longer than all the rest of a first start."""

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, bool]]:
        """What collectstatic asks for: (name, name of the compressed copy, True) of each."""
        folders = {Path(folder) for folder in settings.STATICFILES_DIRS}
        own = {
            name: source
            for name, source in paths.items()
            if Path(getattr(source[0], "location", "")) in folders
        }
        yield from super().post_process(own, dry_run, **options)
