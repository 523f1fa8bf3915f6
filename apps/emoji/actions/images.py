"""Makes the images of a custom emoji of a picture, and stores them.

The picture is converted in the limited process of `apps.files.pictures`, of which a web process has
a few at the same time.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from apps.core.errors import Invalid, Unavailable
from apps.emoji.models.emoji import image_key, still_key
from apps.files.actions import doomed
from apps.files.actions.blobs import ObjectsDeleted
from apps.files.actions.uploads import WRITING_TTL
from apps.files.actions.uses import wake_deletion
from apps.files.gateways import objects
from apps.files.models import StoredObject
from apps.files.pictures.converter import Variant, convert
from apps.files.pictures.errors import PictureError, TooLarge
from apps.files.pictures.limits import Limits
from apps.wire.limits import MAX_EMOJI_BYTES

# Large pictures take long, and nobody sees more than 128 pixels of them.
LIMITS = Limits(cpu_s=10, file_bytes=4_194_304, timeout_s=20.0)
PARALLEL = 2
WAIT_S = 10.0
_converting = BoundedSemaphore(PARALLEL)


class Stored(NamedTuple):
    """The images of an emoji-to-be at the storage, and their sizes in bytes."""

    emoji_id: UUID
    size: int
    still_size: int | None


@contextmanager
def stored(emoji_id: UUID, picture: bytes) -> Iterator[Stored]:
    """Convert a picture and store its images, which are deleted within an hour unless the block
    keeps them. Raises Invalid, Unavailable, StorageUnavailable."""
    if not picture or len(picture) > MAX_EMOJI_BYTES:
        raise _wrong(gettext_noop("Choose a picture of up to 1 MB."))
    with TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "source"
        source.write_bytes(picture)
        if not connection.in_atomic_block:
            # Back to the pool: converting takes long, and may have to wait.
            connection.close()
        found = {one.name: one for one in _converted(source, folder)}
        files = [(image_key(emoji_id), folder / "full")]
        if "thumbnail" in found:
            files.append((still_key(emoji_id), folder / "thumbnail"))
        _put(files)
    still = found.get("thumbnail")
    yield Stored(emoji_id, found["full"].size, still.size if still else None)


def keep(keys: Collection[str]) -> None:
    """Keep stored images, in the transaction that names them. Raises ObjectsDeleted if this
    process stood still for so long that they were deleted."""
    if not doomed.keep(keys):
        raise ObjectsDeleted


def doom(keys: Collection[str]) -> None:
    """Delete images soon after this transaction."""
    StoredObject.objects.filter(key__in=keys).update(doomed_at=timezone.now())
    transaction.on_commit(wake_deletion)


def _put(files: Collection[tuple[str, Path]]) -> None:
    doomed_at = timezone.now() + WRITING_TTL
    StoredObject.objects.bulk_create(
        StoredObject(key=key, size=path.stat().st_size, doomed_at=doomed_at) for key, path in files
    )
    for key, path in files:
        with path.open("rb") as file:
            objects.put(key, file)


def _converted(source: Path, folder: Path) -> Collection[Variant]:
    if not _converting.acquire(timeout=WAIT_S):
        raise Unavailable(retry_after=WAIT_S)
    try:
        return convert(source, folder, LIMITS, form="emoji").variants
    except TooLarge as error:
        raise _wrong(gettext_noop("This picture has too many pixels or moves too long.")) from error
    except PictureError as error:
        raise _wrong(gettext_noop("Choose a PNG, GIF, WebP or JPEG picture.")) from error
    finally:
        _converting.release()


def _wrong(reason: str) -> Invalid:
    return Invalid(reason, pointer="#/picture", reason=reason)
