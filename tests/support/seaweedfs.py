"""A real SeaweedFS for tests, and Django's default storage in it."""

import secrets
import shutil
import signal
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen

import pytest
from pytest_django import Settings

from apps.core.storage.outages import storage_outages
from apps.files.gateways import objects
from chatproject.config.table import BY_NAME
from chatproject.run import seaweedfs as product
from chatproject.storage import object_storage
from tests.support.ports import free_port

START_TIMEOUT_S = 60.0


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
        while not product.ready(self._ports, secret=self._secret):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"SeaweedFS does not start:\n{log.read_text()}")
            time.sleep(0.05)

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
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="session")
def seaweedfs_server() -> Iterator[SeaweedFS]:
    """One server for all tests of this process that need it."""
    server = SeaweedFS()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def seaweedfs(seaweedfs_server: SeaweedFS) -> Iterator[SeaweedFS]:
    """The server, which runs when a test begins; the test may stop it."""
    yield seaweedfs_server
    seaweedfs_server.go_on()


def store_in(settings: Settings, folder: Path, **environment: str) -> None:
    """Make this folder FILES_ROOT, or the bucket of `environment` the default storage."""
    unset = {name: "" for name in BY_NAME if name.startswith("S3_")} | {"S3_DIRECT_UPLOADS": False}
    settings.FILES_ROOT = folder
    default = object_storage(unset | environment, folder=folder)
    settings.STORAGES = settings.STORAGES | {"default": default}


@pytest.fixture(params=["folder", "seaweedfs"])
def storage(request: pytest.FixtureRequest) -> str:
    """The default storage: a new folder, then an empty bucket of SeaweedFS. Returns its name."""
    name: str = request.param
    request.getfixturevalue("bucket" if name == "seaweedfs" else "folder")
    return name


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """The default storage: a new folder. Returns its path."""
    store_in(settings, tmp_path / "files")
    storage_outages.recovered()
    yield tmp_path / "files"
    storage_outages.recovered()


@pytest.fixture
def bucket(seaweedfs: SeaweedFS, settings: Settings, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The default storage: an empty bucket of SeaweedFS. Returns its settings."""
    store_in(settings, tmp_path / "files", **seaweedfs.environment)
    objects.delete([each.key for each in objects.listing("")])
    storage_outages.recovered()
    yield seaweedfs.environment
    storage_outages.recovered()
