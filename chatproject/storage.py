"""Where objects are stored: a folder, or a bucket of an S3 server."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def object_storage(env: Mapping[str, Any], *, folder: Path) -> dict[str, Any]:
    """The default of Django's STORAGES."""
    if not env["S3_BUCKET"]:
        return {
            "BACKEND": "apps.core.storage.folder.Folder",
            "OPTIONS": {"location": folder, "allow_overwrite": True},
        }
    return {
        "BACKEND": "apps.core.storage.bucket.Bucket",
        "OPTIONS": {
            "endpoint_url": env["S3_ENDPOINT_URL"] or None,
            "verify": env["S3_CA"] or None,
            "bucket_name": env["S3_BUCKET"],
            "access_key": env["S3_ACCESS_KEY_ID"] or None,
            "secret_key": env["S3_SECRET_ACCESS_KEY"] or None,
            "region_name": env["S3_REGION"],
            "public_url": env["S3_PUBLIC_URL"],
            "direct_uploads": env["S3_DIRECT_UPLOADS"],
        },
    }


def backup_bucket(env: Mapping[str, Any]) -> dict[str, Any]:
    """Options of the bucket of backups, except for its name: those of the files, unless it has its
    own."""
    return {
        "endpoint_url": env["BACKUP_S3_ENDPOINT_URL"] or env["S3_ENDPOINT_URL"] or None,
        "verify": env["S3_CA"] or None,
        "access_key": env["BACKUP_S3_ACCESS_KEY_ID"] or env["S3_ACCESS_KEY_ID"] or None,
        "secret_key": env["BACKUP_S3_SECRET_ACCESS_KEY"] or env["S3_SECRET_ACCESS_KEY"] or None,
        "region_name": env["S3_REGION"],
    }
