"""Objects at the file storage: the folder FILES_ROOT, or a bucket of an S3 server.

Each function raises StorageUnavailable in an outage, after a few seconds at most.
"""

from collections.abc import Iterable, Iterator
from typing import IO

from apps.core.storage import ObjectMissing, StoredObject, object_storage

__all__ = ["ObjectMissing", "StoredObject", "delete", "listing", "open_object", "put", "read_range"]


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


def delete(keys: Iterable[str]) -> None:
    """Delete objects. A missing one is no error."""
    object_storage().delete_objects(keys)


def listing(prefix: str) -> Iterator[StoredObject]:
    """The objects whose keys begin with `prefix`, in no order."""
    return object_storage().listing(prefix)
