"""Folders in which workers process files. Not in /tmp, which may be memory."""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from django.conf import settings

from apps.files.actions.uploads import WRITING_TTL


@contextmanager
def workplace() -> Iterator[Path]:
    """A new folder, deleted afterwards."""
    root = workplaces()
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(dir=root) as name:
        yield Path(name)


def workplaces() -> Path:
    """Where workers keep the files that they are processing."""
    return Path(settings.FILES_ROOT) / "processing"


def clear_workplaces() -> None:
    """Delete the folders of workers that were killed. Others use theirs for minutes only."""
    latest = time.time() - WRITING_TTL.total_seconds()
    with suppress(FileNotFoundError):
        for folder in workplaces().iterdir():
            if folder.stat().st_mtime < latest:
                shutil.rmtree(folder, ignore_errors=True)
