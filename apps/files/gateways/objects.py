"""Objects at the file storage: the folder FILES_ROOT, or a bucket of an S3 server.

Each function raises StorageUnavailable in an outage, after a few seconds at most.
"""

from collections.abc import Iterable, Iterator
from typing import IO

from apps.core.storage import ObjectMissing, StoredObject, UploadForm, object_storage

__all__ = [
    "ObjectMissing",
    "StoredObject",
    "UploadForm",
    "delete",
    "has_size",
    "listing",
    "open_object",
    "put",
    "read_range",
    "take_direct_uploads",
    "upload_form",
]


def put(key: str, file: IO[bytes]) -> None:
    """Store the whole file, which can be sought in, in place of an object of the same key.

    Nobody sees half of it: if this process dies, the former object stays.
    """
    object_storage().put(key, file)


def open_object(key: str) -> IO[bytes]:
    """The object as a seekable file, which the caller closes. Raises ObjectMissing."""
    return object_storage().open_object(key)


def read_range(key: str, start: int, length: int) -> bytes:
    """At most `length` bytes from `start` on; less at the end. Raises ObjectMissing."""
    return object_storage().read_range(key, start, length)


def has_size(key: str, size: int) -> bool:
    """Whether there is an object with this key, of exactly `size` bytes (at least one)."""
    try:
        return len(read_range(key, size - 1, 2)) == 1
    except ObjectMissing:
        return False


def take_direct_uploads() -> bool:
    """Whether clients may store objects without this server."""
    return object_storage().direct_uploads


def upload_form(key: str, *, size: int, ttl_s: int) -> UploadForm:
    """A form with which a client stores exactly `size` bytes as this object."""
    return object_storage().upload_form(key, size=size, ttl_s=ttl_s)


def delete(keys: Iterable[str]) -> None:
    """Delete objects. A missing one is no error."""
    object_storage().delete_objects(keys)


def listing(prefix: str) -> Iterator[StoredObject]:
    """The objects whose keys begin with `prefix`, in no order."""
    return object_storage().listing(prefix)
