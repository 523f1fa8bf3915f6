"""Objects in a bucket of an S3 server."""

import shutil
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from tempfile import TemporaryFile
from typing import IO, Any

import boto3.session
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files.base import File
from storages.backends.s3 import S3Storage

from apps.core.storage import ObjectMissing, StoredObject, UploadForm
from apps.core.storage.outages import reported

CONNECT_TIMEOUT_S, READ_TIMEOUT_S = 3, 10
# Readiness probes time out after some seconds themselves.
CHECK_TIMEOUT_S = 1
MAX_ATTEMPTS = 2
MAX_CONNECTIONS = 50
COPY_BYTES = 1024 * 1024
MAX_DELETED_AT_ONCE = 1000  # S3's own limit
ERRORS = (BotoCoreError, ClientError, Boto3Error, OSError)
PARAMETERS = {
    # Links say what an object is and whether it may be shown. Without one it is only saved.
    "ContentType": "application/octet-stream",
    "ContentDisposition": "attachment",
}

# What S3 accepts in one request (5 GiB).
MAX_PUT_BYTES = 5 * 2**30
REFUSED_BATCH = (400, 411, 501)
# What the status of a check means to operators.
REFUSED_CHECKS = {
    301: "the bucket is in another region than S3_REGION",
    403: "the S3 server refuses the key: a wrong S3_ACCESS_KEY_ID or secret, a key without the "
    "rights that docs/operate.md lists, or a clock that is wrong",
    404: "there is no such bucket",
}
_making = threading.Lock()


class Bucket(S3Storage):  # type: ignore[misc]  # django-storages has no types
    """One private bucket. `public_url`: where browsers reach the server, if they do;
    `direct_uploads`: whether they may upload there."""

    public_url: str
    direct_uploads: bool

    def get_default_settings(self) -> dict[str, Any]:
        """Options of all buckets: settings name only the server, the bucket and the keys."""
        return dict(super().get_default_settings()) | {
            "public_url": "",
            "direct_uploads": False,
            "client_config": _client_config(
                connect_timeout=CONNECT_TIMEOUT_S,
                read_timeout=READ_TIMEOUT_S,
                total_max_attempts=MAX_ATTEMPTS,
            ),
            # Threads would read several parts of each file into memory. An object is written by one
            # request: a killed process would leave parts that no listing shows.
            "transfer_config": TransferConfig(use_threads=False, multipart_threshold=MAX_PUT_BYTES),
            "file_overwrite": True,
            # Buckets without ACLs refuse a request that has one.
            "default_acl": None,
            "object_parameters": PARAMETERS,
        }

    def put(self, key: str, file: IO[bytes]) -> None:
        """Upload the file: in one request, or in parts that S3 joins at the end."""
        with reported(*ERRORS):
            self.save(key, File(file))

    def open_object(self, key: str) -> IO[bytes]:
        """A temporary copy, on the disk: /tmp may be memory. Raises ObjectMissing."""
        settings.FILES_ROOT.mkdir(mode=0o700, parents=True, exist_ok=True)
        copy = TemporaryFile(dir=settings.FILES_ROOT)  # noqa: SIM115  the caller closes it
        try:
            with reported(*ERRORS), missing_reported(key):
                found = self._client.get_object(Bucket=self.bucket_name, Key=key)
                with found["Body"] as body:
                    shutil.copyfileobj(body, copy, COPY_BYTES)
                copy.seek(0)
        except BaseException:
            copy.close()
            raise
        return copy

    def read_range(self, key: str, start: int, length: int) -> bytes:
        """Bytes of the object. Raises ObjectMissing."""
        last = start + max(length, 1) - 1
        with reported(*ERRORS), missing_reported(key):
            try:
                found = self._client.get_object(
                    Bucket=self.bucket_name, Key=key, Range=f"bytes={start}-{last}"
                )
            except ClientError as error:
                if status_of(error) == 416:  # it ends before `start`
                    return b""
                raise
            with found["Body"] as body:
                content: bytes = body.read()
        return content[:length]

    def delete_objects(self, keys: Iterable[str]) -> None:
        """Delete many objects with one request, or one by one where the server refuses that."""
        names = list(keys)
        for first in range(0, len(names), MAX_DELETED_AT_ONCE):
            with reported(*ERRORS):
                self._delete(names[first : first + MAX_DELETED_AT_ONCE])

    def _delete(self, keys: list[str]) -> None:
        objects = {"Objects": [{"Key": key} for key in keys], "Quiet": True}
        try:
            answer = self._client.delete_objects(Bucket=self.bucket_name, Delete=objects)
        except ClientError as error:
            # Some servers want a Content-MD5 here, which boto3 no longer sends.
            if error.response["ResponseMetadata"]["HTTPStatusCode"] not in REFUSED_BATCH:
                raise
            for key in keys:
                self._client.delete_object(Bucket=self.bucket_name, Key=key)
        else:
            for failure in answer.get("Errors", []):
                raise OSError(f"{failure['Key']} was not deleted: {failure['Code']}")

    def listing(self, prefix: str) -> Iterator[StoredObject]:
        """The objects, a page for each request."""
        pages = self._client.get_paginator("list_objects_v2")
        with reported(*ERRORS):
            for page in pages.paginate(Bucket=self.bucket_name, Prefix=prefix):
                for found in page.get("Contents", []):
                    yield StoredObject(found["Key"], found["Size"], found["LastModified"])

    def public_link(self, key: str, *, headers: Mapping[str, str], ttl_s: int) -> str | None:
        """A link of the S3 server to this object with these headers; None without `public_url`."""
        if not self.public_url:
            return None
        parameters = {
            "Bucket": self.bucket_name,
            "Key": key,
            "ResponseContentType": headers["Content-Type"],
            "ResponseContentDisposition": headers["Content-Disposition"],
            "ResponseCacheControl": headers["Cache-Control"],
        }
        link: str = self._public_client.generate_presigned_url(
            "get_object", Params=parameters, ExpiresIn=ttl_s
        )
        return link

    def upload_form(self, key: str, *, size: int, ttl_s: int) -> UploadForm:
        """A form whose signed policy fixes key, size and type."""
        fixed = {"Content-Type": PARAMETERS["ContentType"]}
        made = self._public_client.generate_presigned_post(
            self.bucket_name,
            key,
            Fields=fixed,
            Conditions=[fixed, ["content-length-range", size, size]],
            ExpiresIn=ttl_s,
        )
        return UploadForm(made["url"], dict(made["fields"]))

    def check(self) -> None:
        """Ask for the bucket, once. The response has no body that would say what is wrong."""
        with reported(*ERRORS):
            try:
                self._checking_client.head_bucket(Bucket=self.bucket_name)
            except ClientError as error:
                if said := REFUSED_CHECKS.get(status_of(error)):
                    raise OSError(f"{said} (bucket {self.bucket_name})") from None
                raise

    @property
    def bucket(self) -> Any:
        """The bucket. Made once: it takes a third of a second, and many threads may ask at once."""
        with _making:
            return super().bucket

    @property
    def _client(self) -> Any:
        """The client of all threads."""
        return self.bucket.meta.client

    @cached_property
    def _public_client(self) -> Any:
        return self._new_client(self.public_url, self.client_config)

    @cached_property
    def _checking_client(self) -> Any:
        config = _client_config(
            connect_timeout=CHECK_TIMEOUT_S, read_timeout=CHECK_TIMEOUT_S, total_max_attempts=1
        )
        return self._new_client(self.endpoint_url, config)

    def _new_client(self, url: str | None, config: Config) -> Any:
        session: boto3.session.Session = self._create_session()
        return session.client("s3", region_name=self.region_name, endpoint_url=url, config=config)


@contextmanager
def missing_reported(key: str) -> Iterator[None]:
    """Raise ObjectMissing for an object that does not exist."""
    try:
        yield
    except ClientError as error:
        if status_of(error) == 404 and error.response["Error"]["Code"] != "NoSuchBucket":
            raise ObjectMissing(key) from error
        raise


def status_of(error: ClientError) -> int:
    """The HTTP status of a response."""
    status: int = error.response["ResponseMetadata"]["HTTPStatusCode"]
    return status


def _client_config(
    *, connect_timeout: float, read_timeout: float, total_max_attempts: int
) -> Config:
    return Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        connect_timeout=connect_timeout,
        read_timeout=read_timeout,
        retries={"total_max_attempts": total_max_attempts, "mode": "standard"},
        max_pool_connections=MAX_CONNECTIONS,
        # Not every S3 server knows the newer checksums.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
