"""Stores the files of an archive, under the ids and with the times that it gives them.

What the archive has as stored variants of a picture is stored as it is; all else is looked at as an
upload is: its type is recognised by content, and a picture converted.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone

from apps.core.errors import Invalid
from apps.core.file_names import safe_name
from apps.core.identifiers import new_id
from apps.files.actions import blobs
from apps.files.actions.workplaces import workplace
from apps.files.file_bodies import file_body
from apps.files.file_contents import ORIGINAL, Part, content_of
from apps.files.file_types import recognise
from apps.files.models import Blob, File
from apps.files.pictures.errors import PictureError
from apps.wire import bodies

# A file that no message uses by then is deleted. An import that takes longer stores it again.
UNUSED_TTL = timedelta(days=7)
VARIANT_NAMES = {"thumbnail", "saver", "full"}
COPIED_BYTES = 1_048_576
# The content with a SHA-256 (in hex).
OpenContent = Callable[[str], IO[bytes]]


class PastVariant(msgspec.Struct, frozen=True):
    """A stored form of a picture, and the SHA-256 of its content."""

    shown: bodies.FileVariant
    sha256: str


class PastFile(msgspec.Struct, frozen=True):
    """A file of an archive. Without `variants`, its content is `sha256`; `missing`: why there is no
    content."""

    id: UUID
    owner: UUID
    name: str
    type: str
    size: int
    at: datetime
    sha256: str = ""
    as_file: bool = False
    duration_ms: int | None = None
    waveform: bytes = b""
    width: int = 0
    height: int = 0
    animated: bool = False
    placeholder: str = ""
    variants: Sequence[PastVariant] = ()
    missing: str = ""


def import_file(past: PastFile, open_content: OpenContent) -> None:
    """Store a file that is not there (`imported_before`) with its content, ready to be used.

    Talks to the storage, so call it outside of transactions. `open_content` raises what it raises.
    Raises Invalid for a content that is not what the archive says, StorageUnavailable.
    """
    if past.missing:
        _row(past).save(force_insert=True)
        return
    with workplace() as folder:
        _import_content(past, open_content, folder)


def _import_content(past: PastFile, open_content: OpenContent, folder: Path) -> None:
    if past.variants:
        sha256, as_file = _digest(past), past.as_file
        content, parts = _variants(past, open_content, folder)
    else:
        sha256 = past.sha256
        _copy(open_content, sha256, past.size, folder / ORIGINAL)
        content, parts, as_file = _content(past, folder)
    equal = Blob.objects.filter(owner_id=past.owner, sha256=sha256, as_file=as_file).first()
    if equal is not None and blobs.is_whole(equal) and _add(past, equal, as_file):
        return
    blob = Blob(
        id=new_id(),
        owner_id=past.owner,
        sha256=sha256,
        as_file=as_file,
        stored=sum(part.variant.size for part in parts),
        content=msgspec.to_builtins(content),
    )
    used = False
    try:
        blobs.store(blob, parts)
        used = _add(past, blob, as_file)
    finally:
        if not used:
            blobs.doom_unless_used(blob, [blob.key(part.variant.name) for part in parts])


def _add(past: PastFile, blob: Blob, as_file: bool) -> bool:
    """Add the row with this content. Returns whether `blob` is what it refers to."""
    with transaction.atomic():
        kept = blobs.kept(blob)
        if kept is None:
            return False
        row = _row(past)
        row.blob, row.as_file = kept, as_file
        row.body = msgspec.to_builtins(file_body(row, kept))
        row.save(force_insert=True)
    return bool(kept.id == blob.id)


def _row(past: PastFile) -> File:
    """The row of a file whose content is missing."""
    name = safe_name(past.name)
    missing = bodies.File(
        id=past.id,
        name=name,
        size=past.size,
        kind="file",
        type=past.type,
        variants=[],
        missing=past.missing,
    )
    return File(
        id=past.id,
        owner_id=past.owner,
        client_id=new_id(),
        name=name,
        size=past.size,
        received=past.size,
        state=File.State.READY,
        as_file=past.as_file,
        duration_ms=past.duration_ms,
        waveform=past.waveform or None,
        body=msgspec.to_builtins(missing),
        created_at=past.at,
        expires_at=timezone.now() + UNUSED_TTL,
    )


def _content(past: PastFile, folder: Path) -> tuple[bodies.FileContent, list[Part], bool]:
    """What an upload contains, and whether it is stored as it is, though it looks like a picture:
    one that cannot be converted is kept for downloads, as nobody can send it again."""
    row = _row(past)
    try:
        return *content_of(row, folder / ORIGINAL, folder), past.as_file
    except PictureError:
        row.as_file = True
        return *content_of(row, folder / ORIGINAL, folder), True


def _variants(
    past: PastFile, open_content: OpenContent, folder: Path
) -> tuple[bodies.FileContent, list[Part]]:
    parts: list[Part] = []
    for each in past.variants:
        variant = each.shown
        if variant.name not in VARIANT_NAMES or any(p.variant.name == variant.name for p in parts):
            raise Invalid(f"A picture has no variant {variant.name!r}.")
        path = folder / variant.name
        _copy(open_content, each.sha256, variant.size, path)
        found = recognise(path)
        if found.kind != "image" or found.type != variant.type:
            raise Invalid(f"The variant {variant.name} is no {variant.type}.")
        parts.append(Part(variant, path))
    content = bodies.FileContent(
        kind="image",
        type=past.type,
        variants=[part.variant for part in parts],
        width=past.width,
        height=past.height,
        animated=past.animated,
        placeholder=past.placeholder,
    )
    return content, parts


def _digest(past: PastFile) -> str:
    """What stands for the hash of the upload, which nobody can check any more: equal variants are
    stored once, and no later upload is taken for them."""
    hashes = "".join(sorted(f"{each.shown.name} {each.sha256}\n" for each in past.variants))
    return hashlib.sha256(f"{past.type}\n{hashes}".encode()).hexdigest()


def _copy(open_content: OpenContent, sha256: str, size: int, target: Path) -> None:
    """Copy a content. Raises Invalid if it has another size or hash."""
    digest, copied = hashlib.sha256(), 0
    with open_content(sha256) as source, target.open("wb") as file:
        while part := source.read(COPIED_BYTES):
            copied += len(part)
            if copied > size:
                break
            digest.update(part)
            file.write(part)
    if copied != size or digest.hexdigest() != sha256:
        raise Invalid(f"The content {sha256} is another one than the archive says.")
