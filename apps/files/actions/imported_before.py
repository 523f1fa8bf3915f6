"""Finds the files of an archive that are here already.

An archive may name any id. A stored file is used again only if the archive has its content: else
somebody who knows the ids of a file and of its owner could show it in another chat.
"""

import hashlib
from typing import IO, NamedTuple
from uuid import UUID, uuid5

from apps.core.errors import Conflict
from apps.core.file_names import safe_name
from apps.files.actions.imported import COPIED_BYTES, OpenContent, PastFile
from apps.files.gateways import objects
from apps.files.models import Blob, File

OTHERS = "A file with this id exists, of somebody else."
OTHER_CONTENT = "Another file with this id exists: this one gets a new id."


class Found(NamedTuple):
    """Under which id a file is stored, or is to be stored."""

    id: UUID
    is_stored: bool


def find_file(past: PastFile, open_content: OpenContent) -> Found:
    """Find a file of an archive: by its id, or by the one that it got because another file of its
    owner has that.

    Reads contents, so call it outside of transactions. `open_content` raises what it raises. Raises
    Conflict for a file of somebody else, StorageUnavailable.
    """
    for file in (past.id, _other_id(past)):
        row = File.objects.select_related("blob").filter(id=file).first()
        if row is None:
            return Found(file, is_stored=False)
        if row.owner_id != past.owner:
            raise Conflict(OTHERS)
        if _is_same(row, past, open_content):
            return Found(file, is_stored=True)
    raise Conflict(OTHER_CONTENT)


def _other_id(past: PastFile) -> UUID:
    """The same in each import of this file."""
    contents = [past.sha256, *(each.sha256 for each in past.variants)]
    return uuid5(past.id, "\n".join((past.name, str(past.size), past.missing, *contents)))


def _is_same(row: File, past: PastFile, open_content: OpenContent) -> bool:
    """Whether the archive has what the stored file would show."""
    if (row.state, row.name, row.size) != (File.State.READY, safe_name(past.name), past.size):
        return False
    if row.blob is None:
        return True
    if past.missing or not _has_hashes(row.blob, past):
        return False
    # A hash is no proof: others may have read it in an archive without contents.
    named = [(each.sha256, each.shown.size) for each in past.variants]
    return all(_has(open_content, *each) for each in named or [(past.sha256, past.size)])


def _has_hashes(blob: Blob, past: PastFile) -> bool:
    if not past.variants:
        return blob.sha256 == past.sha256
    sizes = {each["name"]: each["size"] for each in blob.content["variants"]}
    if sizes != {each.shown.name: each.shown.size for each in past.variants}:
        return False
    try:
        return all(_stored(blob, each.shown.name) == each.sha256 for each in past.variants)
    except objects.ObjectMissing:
        return False


def _stored(blob: Blob, variant: str) -> str:
    with objects.open_object(blob.key(variant)) as content:
        return _digest(content)


def _has(open_content: OpenContent, sha256: str, size: int) -> bool:
    with open_content(sha256) as content:
        return _digest(content, size) == sha256


def _digest(content: IO[bytes], size: int | None = None) -> str:
    """The SHA-256 of a content. One that is longer than `size` is not read to its end."""
    digest, read = hashlib.sha256(), 0
    while part := content.read(COPIED_BYTES):
        read += len(part)
        if size is not None and read > size:
            break
        digest.update(part)
    return digest.hexdigest()
