"""A real SeaweedFS for tests. `storages` stores in it."""

import secrets
import shutil
import signal
import socket
import tempfile
import time
from pathlib import Path
from subprocess import Popen

from chatproject.run import seaweedfs as product
from tests.support.ports import free_port

START_TIMEOUT_S = 60.0
CHECK_TIMEOUT_S = 5.0
# More than it keeps beside the name of an object.
CONTENT = bytes(10_000)


class SeaweedFS:
    """One server on ports that outlive it."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="parley-seaweedfs-"))
        self._ports = [free_port() for _ in product.PORT_OPTIONS]
        self._secret = secrets.token_urlsafe()
        self._process: Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its S3 endpoint."""
        return product.url(self._ports)

    @property
    def environment(self) -> dict[str, str]:
        """Settings of a product that uses this server."""
        return {
            "S3_ENDPOINT_URL": self.url,
            "S3_BUCKET": product.BUCKET,
            "S3_ACCESS_KEY_ID": product.ACCESS_KEY_ID,
            "S3_SECRET_ACCESS_KEY": self._secret,
            "S3_REGION": "us-east-1",
            "S3_PUBLIC_URL": "",
        }

    def start(self) -> None:
        """Start the server and wait for its bucket."""
        service = product.service(self._folder, ports=self._ports, secret=self._secret)
        log = self._folder / "output"
        with log.open("ab") as output:
            self._process = service.start(output)
        deadline = time.monotonic() + START_TIMEOUT_S
        while not (product.ready(self._ports, secret=self._secret) and self._serves_objects()):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"SeaweedFS does not start:\n{log.read_text()}")
            time.sleep(0.05)

    def _serves_objects(self) -> bool:
        """Whether it returns what it stores. After a kill it has its bucket some time before it
        knows where its objects are."""
        # Few tests need these imports, which take half a second.
        from boto3 import client
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError

        config = Config(
            s3={"addressing_style": "path"},
            connect_timeout=CHECK_TIMEOUT_S,
            read_timeout=CHECK_TIMEOUT_S,
            retries={"total_max_attempts": 1},
        )
        s3 = client(
            "s3",
            endpoint_url=self.url,
            region_name=self.environment["S3_REGION"],
            aws_access_key_id=product.ACCESS_KEY_ID,
            aws_secret_access_key=self._secret,
            config=config,
        )
        kept = {"Bucket": product.BUCKET, "Key": "whether-objects-are-served"}
        try:
            s3.put_object(**kept, Body=CONTENT)
            served = s3.get_object(**kept)["Body"].read() == CONTENT
            s3.delete_object(**kept)
        except (BotoCoreError, ClientError):
            return False
        return served

    def kill(self) -> None:
        """Send SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
            # Its port may be served for a moment still: by processes that end with this one.
            deadline = time.monotonic() + START_TIMEOUT_S
            while _is_served(self._ports[0]) and time.monotonic() < deadline:
                time.sleep(0.02)

    def hang(self) -> None:
        """Make it accept connections and respond to nothing, until `go_on`."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Undo `hang` and `kill`."""
        if self._process is None:
            self.start()
        else:
            self._process.send_signal(signal.SIGCONT)

    def remove(self) -> None:
        """Kill the server and delete its data."""
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)


def _is_served(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
