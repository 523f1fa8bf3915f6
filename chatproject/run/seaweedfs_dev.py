"""`make run STORAGE=s3`: a SeaweedFS beside the product, which stores files in a bucket there."""

import hashlib
import os
import secrets

from chatproject.config import environment
from chatproject.run import keys, seaweedfs
from chatproject.run.data_dir import DataDir
from chatproject.run.errors import StartupError
from chatproject.run.supervisor import Supervisor

# Below the ports of outgoing connections; each checkout has its own.
FIRST_PORT, CHECKOUTS = 21_000, 900
START_TIMEOUT_S = 60.0


def start_if_wanted(supervisor: Supervisor, data_dir: DataDir) -> None:
    """Start SeaweedFS if STORAGE=s3, and have the product use it. Its data stays in `var/`.

    Raises StartupError for another word, or when another bucket is set.
    """
    if not _wanted():
        return
    if environment.is_set("S3_BUCKET"):
        raise StartupError("STORAGE=s3 starts an S3 server, and S3_BUCKET names another bucket.")
    ports, secret = _ports(data_dir), _secret(data_dir)
    server = supervisor.start(
        seaweedfs.service(data_dir.root / "seaweedfs", ports=ports, secret=secret)
    )
    supervisor.wait_until(
        lambda _: seaweedfs.ready(ports, secret=secret), server, timeout_s=START_TIMEOUT_S
    )
    set_defaults(data_dir)


def set_defaults(data_dir: DataDir) -> None:
    """Set S3_* if STORAGE=s3. `manage.py` calls it too, and so finds the bucket."""
    if not _wanted() or environment.is_set("S3_BUCKET"):
        return
    for name, value in (
        ("S3_ENDPOINT_URL", seaweedfs.url(_ports(data_dir))),
        ("S3_BUCKET", seaweedfs.BUCKET),
        ("S3_ACCESS_KEY_ID", seaweedfs.ACCESS_KEY_ID),
        ("S3_SECRET_ACCESS_KEY", _secret(data_dir)),
    ):
        environment.set_default(name, value, source="STORAGE=s3")


def _wanted() -> bool:
    wanted = os.environ.get("STORAGE", "")
    if wanted not in ("", "folder", "s3"):
        raise StartupError(f"STORAGE is {wanted!r}: set it to s3 or folder, or leave it out.")
    return wanted == "s3"


def _ports(data_dir: DataDir) -> range:
    count = len(seaweedfs.PORT_OPTIONS)
    found = int.from_bytes(hashlib.sha256(os.fsencode(data_dir.root)).digest()[:4])
    first = FIRST_PORT + found % CHECKOUTS * count
    return range(first, first + count)


def _secret(data_dir: DataDir) -> str:
    return keys.read_or_create(data_dir.root / "s3_key", secrets.token_urlsafe)
