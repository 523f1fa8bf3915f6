"""A person's files as the page *Your files* shows them."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from apps.files.models import File
from apps.files.queries.downloads import WHOLE
from apps.files.queries.uploads import of_person
from apps.wire import bodies

THUMBNAIL = "thumbnail"
MAX_EXTENSION = 5


class OwnFile(NamedTuple):
    """`url` and `thumbnail` are the paths of the content; empty: there is none (yet).
    `size` is that of the content behind `url`."""

    id: UUID
    name: str
    extension: str
    size: int
    state: str
    problem: str
    at: datetime
    url: str
    thumbnail: str
    kept: bool
    shown: bool
    expires_at: datetime | None


def own_files(user_id: UUID, *, before: UUID | None, limit: int, kept: bool) -> list[OwnFile]:
    """The person's files, newest first. `kept`: only those that the person keeps."""
    rows = of_person(user_id, before=before, limit=limit, kept=kept or None)
    return [_own_file(row) for row in rows]


def _own_file(row: File) -> OwnFile:
    variants: list[bodies.FileVariant] = []
    if row.body is not None:
        variants = msgspec.convert(row.body, bodies.File).variants
    sizes = {each.name: each.size for each in variants}
    whole = next((name for name in WHOLE if name in sizes), "")
    extension = row.name.rpartition(".")[2] if "." in row.name else ""
    return OwnFile(
        id=row.id,
        name=row.name,
        extension=extension.upper() if len(extension) <= MAX_EXTENSION else "",
        size=sizes.get(whole, row.size),
        state=row.state,
        problem=row.problem,
        at=row.created_at,
        url=_path(row, whole) if whole else "",
        thumbnail=_path(row, THUMBNAIL) if THUMBNAIL in sizes else "",
        kept=row.kept,
        shown=row.is_shown,
        expires_at=None if row.uses else row.expires_at,
    )


def _path(row: File, variant: str) -> str:
    return f"/api/v1/files/{row.id}/content/{variant}"
