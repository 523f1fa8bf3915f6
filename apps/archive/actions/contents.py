"""The files of an archive, with their contents."""

from collections.abc import Callable
from typing import Protocol
from uuid import UUID

from apps.archive import records
from apps.archive.writing import Target
from apps.files.file_contents import ORIGINAL
from apps.files.gateways import objects
from apps.files.models import Blob, File

# Called with what is written, and how many of it.
Progress = Callable[[str, int], None]
NOT_STORED = "The storage does not have the content."
NO_ROOM = "The content is left out: there was no room for it."


class Room(Protocol):
    """Whether a content of so many bytes still fits into an archive."""

    def __call__(self, size: int) -> bool: ...


def any_size(size: int) -> bool:
    """For archives without a limit."""
    return True


def ignore(what: str, count: int) -> None:
    """For callers that show nothing."""


def file_record(target: Target, row: File, sender: UUID | None, room: Room) -> records.File:
    """A file, whose content is written into the archive. `sender`: who is named as its owner
    instead of who uploaded it. Raises StorageUnavailable."""
    blob = row.blob
    missing = (row.body or {}).get("missing", "")
    stored: list[records.Variant] = []
    if blob is None:
        missing = missing or NOT_STORED
    elif not room(blob.stored):
        missing = NO_ROOM
    else:
        try:
            stored = [_variant(target, blob, each) for each in blob.content["variants"]]
        except objects.ObjectMissing:
            missing = NOT_STORED
    return _record(row, blob, stored, sender=sender, missing=missing)


def _record(
    row: File,
    blob: Blob | None,
    stored: list[records.Variant],
    *,
    sender: UUID | None,
    missing: str,
) -> records.File:
    content = blob.content if blob is not None else row.body or {}
    is_picture = any(each.name != ORIGINAL for each in stored)
    return records.File(
        id=row.id,
        owner=sender or row.owner_id,
        name=row.name,
        type=content.get("type", "application/octet-stream"),
        size=row.size,
        at=row.created_at,
        sha256="" if is_picture or not stored else stored[0].sha256,
        as_file=row.as_file,
        duration_ms=row.duration_ms,
        waveform=bytes(row.waveform or b""),
        width=content.get("width", 0) if is_picture else 0,
        height=content.get("height", 0) if is_picture else 0,
        animated=is_picture and content.get("animated", False),
        placeholder=content.get("placeholder", "") if is_picture else "",
        variants=tuple(stored) if is_picture else (),
        missing=missing,
    )


def _variant(target: Target, blob: Blob, variant: dict[str, object]) -> records.Variant:
    name = str(variant["name"])
    with objects.open_object(blob.key(name)) as content:
        sha256, size = target.content(content)
    return records.Variant(
        name=name,
        type=str(variant["type"]),
        size=size,
        sha256=sha256,
        width=_pixels(variant, "width"),
        height=_pixels(variant, "height"),
    )


def _pixels(variant: dict[str, object], side: str) -> int:
    value = variant.get(side, 0)
    return value if isinstance(value, int) else 0
