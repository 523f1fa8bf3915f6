"""Copies of their chats that people take with them: the archive, and pages that open offline."""

from collections.abc import Callable
from pathlib import Path
from typing import IO
from uuid import UUID

from django.utils.translation import override

from apps.accounts.queries.profiles import get_active_user
from apps.archive.actions.contents import Progress
from apps.archive.actions.exporting import export
from apps.archive.actions.pages import render
from apps.archive.queries.timeline import View
from apps.archive.reading import FolderSource
from apps.archive.writing import Below, FolderTarget, ZipTarget
from apps.chats.queries.access import get_membership
from apps.core.local_time import zone_named
from apps.files.actions.workplaces import workplace

ARCHIVE_FOLDER = "archive"


def check_access(user_id: UUID, chat_id: UUID) -> None:
    """Raises NotFound unless the person is in the chat."""
    get_membership(user_id, chat_id)


def write(
    user_id: UUID,
    chat_id: UUID,
    file: IO[bytes],
    room: Callable[[int], bool],
    progress: Progress,
) -> None:
    """Write a ZIP file with the chat as this person sees it: pages in their language, and the
    archive that the pages were made of. Raises NotFound, StorageUnavailable, and what `progress`
    raises."""
    user = get_active_user(user_id)
    get_membership(user_id, chat_id)

    def room_for_both(size: int) -> bool:
        return room(2 * size)

    with workplace() as folder:
        made = folder / ARCHIVE_FOLDER
        target = FolderTarget(made)
        export(target, [chat_id], View(user_id), room=room_for_both, progress=progress)
        zipped = ZipTarget(file)
        with FolderSource(made) as source, override(user.locale):
            render(source, zipped, zone=zone_named(user.time_zone), progress=progress)
        _copy_all(made, Below(zipped, ARCHIVE_FOLDER), progress)
        zipped.close()


def _copy_all(made: Path, target: Below, progress: Progress) -> None:
    paths = sorted(path for path in made.rglob("*") if path.is_file())
    for number, path in enumerate(paths, start=1):
        name = path.relative_to(made).as_posix()
        with path.open("rb") as source:
            target.copy(name, source, is_content=path.parent.name == "contents")
        progress("copied files", number)
