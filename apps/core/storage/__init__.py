"""The object storage: a folder, or a bucket of an S3 server. Objects are private, and replaced as a
whole."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import IO, NamedTuple, Protocol, cast

from django.core.files.storage import storages
from django.utils import timezone


class ObjectMissing(FileNotFoundError):
    """There is no object with this key."""


class StoredObject(NamedTuple):
    """An object as the storage lists it."""

    key: str
    size: int
    changed_at: datetime


class UploadForm(NamedTuple):
    """A form (multipart/form-data) that stores one object: POST `fields`, then the bytes as `file`,
    to `url`."""

    url: str
    fields: dict[str, str]


class ObjectStorage(Protocol):
    """What both storages do. Each method raises StorageUnavailable in an outage.

    `direct_uploads`: whether clients may upload to the storage's own server.
    """

    direct_uploads: bool

    def put(self, key: str, file: IO[bytes]) -> None:
        """Store the whole file in place of an object of the same key. Until it is complete, and if
        this process dies, the former object stays."""

    def open_object(self, key: str) -> IO[bytes]:
        """The object as a seekable file. Raises ObjectMissing."""

    def read_range(self, key: str, start: int, length: int) -> bytes:
        """At most `length` bytes from `start` on; less at the end. Raises ObjectMissing."""

    def delete_objects(self, keys: Iterable[str]) -> None:
        """Delete objects. A missing one is no error."""

    def listing(self, prefix: str) -> Iterator[StoredObject]:
        """The objects whose keys begin with `prefix`, in no order."""

    def public_link(self, key: str, *, headers: Mapping[str, str], ttl_s: int) -> str | None:
        """A link of the storage's own server; None if people do not reach one."""

    def upload_form(self, key: str, *, size: int, ttl_s: int) -> UploadForm:
        """A form of the storage's own server that stores exactly `size` bytes as this object, for
        `ttl_s`. Only with `direct_uploads`."""

    def check(self) -> None:
        """Return if the storage can be used. Takes about a second at most."""


def object_storage() -> ObjectStorage:
    """Django's default storage."""
    return cast(ObjectStorage, storages["default"])


def delete_objects_older(prefix: str, age: timedelta) -> None:
    """Delete the objects whose keys begin with `prefix` and that were stored so long ago."""
    storage, before = object_storage(), timezone.now() - age
    old = [each.key for each in storage.listing(prefix) if each.changed_at < before]
    storage.delete_objects(old)
