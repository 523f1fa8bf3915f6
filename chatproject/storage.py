"""Where objects are stored: a folder, or a bucket of an S3 server."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured


def object_storage(env: Mapping[str, Any], *, folder: Path) -> dict[str, Any]:
    """The default of Django's STORAGES. Raises ImproperlyConfigured."""
    if not env["S3_BUCKET"]:
        for name in ("S3_ENDPOINT_URL", "S3_CA", "S3_ACCESS_KEY_ID", "S3_PUBLIC_URL"):
            if env[name]:
                raise ImproperlyConfigured(f"{name} is set: set S3_BUCKET too.")
        if env["S3_DIRECT_UPLOADS"]:
            raise ImproperlyConfigured("S3_DIRECT_UPLOADS is set: set S3_BUCKET too.")
        return {
            "BACKEND": "apps.core.storage.folder.Folder",
            "OPTIONS": {"location": folder, "allow_overwrite": True},
        }
    if bool(env["S3_ACCESS_KEY_ID"]) != bool(env["S3_SECRET_ACCESS_KEY"]):
        raise ImproperlyConfigured("Set both S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY.")
    if env["S3_DIRECT_UPLOADS"] and not env["S3_PUBLIC_URL"]:
        raise ImproperlyConfigured("S3_DIRECT_UPLOADS is set: set S3_PUBLIC_URL too.")
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
