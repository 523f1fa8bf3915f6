"""The stored object of a file that a person may see."""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

import msgspec

from apps.accounts.models import User
from apps.core.errors import NotFound
from apps.files.models import File
from apps.files.viewers import may_see
from apps.wire import bodies

# The whole content of a file that is no picture, and of a picture.
WHOLE = ("original", "full")


class Download(NamedTuple):
    """One variant of a file: its object, and how it is served."""

    key: str
    name: str
    kind: bodies.FileKind
    media_type: str
    size: int


def get_download(
    user_id: UUID, file_id: UUID, variant: str, *, accepts: Callable[[str], bool] = lambda _: True
) -> Download:
    """A variant of a ready file. Where its media type is not accepted, but that of another variant
    is, the smallest such variant.

    Raises the same NotFound for a file that does not exist, and for one that neither is the
    person's nor is used by something that they may see.
    """
    row = _ready(file_id)
    if row is None or not _may_see(user_id, row):
        raise NotFound
    found = _variant(row, variant)
    return found if accepts(found.media_type) else _accepted(row, accepts) or found


def _accepted(row: File, accepts: Callable[[str], bool]) -> Download | None:
    variants = msgspec.convert(row.body, bodies.File).variants
    possible = [each for each in variants if accepts(each.type)]
    return _variant(row, min(possible, key=lambda each: each.size).name) if possible else None


def get_best(file_id: UUID) -> Download:
    """The variant of a ready file with the best quality, for a caller that decides itself who may
    see it. Raises NotFound."""
    row = _ready(file_id)
    if row is None:
        raise NotFound
    variants = msgspec.convert(row.body, bodies.File).variants
    if not variants:
        raise NotFound
    best = max(variants, key=lambda each: (each.name in WHOLE, each.size))
    return _variant(row, best.name)


def _ready(file_id: UUID) -> File | None:
    return File.objects.select_related("blob").filter(id=file_id, state=File.State.READY).first()


def _variant(row: File, variant: str) -> Download:
    body = msgspec.convert(row.body, bodies.File)
    for each in body.variants:
        if each.name == variant and row.blob is not None:
            name = name_for_type(body.name, each.type)
            return Download(row.blob.key(variant), name, body.kind, each.type, each.size)
    raise NotFound


def _may_see(user_id: UUID, row: File) -> bool:
    if not User.objects.filter(id=user_id, is_active=True).exists():
        return False
    return row.owner_id == user_id or may_see(user_id, row.id)


ENDINGS = {"image/jpeg": "jpg", "image/webp": "webp", "image/avif": "avif", "image/png": "png"}


def name_for_type(name: str, media_type: str) -> str:
    """The name with the ending of its type: a variant of a picture has another type than the
    picture had."""
    ending = ENDINGS.get(media_type)
    if ending is None or name.lower().endswith((f".{ending}", f".{ending.replace('jpg', 'jpeg')}")):
        return name
    stem = name.rpartition(".")[0] or name
    return f"{stem}.{ending}"
