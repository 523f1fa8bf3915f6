"""Django's default storage in tests: a folder, or a bucket of SeaweedFS.

Tests that store files ask for `files_storage`, which `--storage` chooses; those of one storage ask
for `folder` or `bucket`, those of both for `storage`. Servers and workers that a test starts use
the storage of the run unless they are given the settings of another.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from apps.core.storage.outages import storage_outages
from apps.files.gateways import objects
from chatproject.config.table import BY_NAME
from chatproject.storage import object_storage
from tests.support.plugin import SEAWEEDFS
from tests.support.seaweedfs import SeaweedFS

NO_BUCKET = {name: "" for name in BY_NAME if name.startswith("S3_")} | {"S3_REGION": "us-east-1"}


def in_folder(folder: Path) -> dict[str, str]:
    """Settings of a product that stores files in this folder."""
    return NO_BUCKET | {"FILES_ROOT": str(folder), "S3_DIRECT_UPLOADS": "false"}


def stored() -> set[str]:
    """The keys of all objects at the default storage."""
    return {each.key for each in objects.listing("")}


@pytest.fixture(scope="session")
def seaweedfs_server(pytestconfig: pytest.Config) -> Iterator[SeaweedFS]:
    """One server for all tests of this process that need it: with `--storage s3` that of the
    run."""
    if running := pytestconfig.stash.get(SEAWEEDFS, None):
        yield running
        return
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
    settings.FILES_ROOT = folder
    unset = NO_BUCKET | {"S3_DIRECT_UPLOADS": False}
    default = object_storage(unset | environment, folder=folder)
    settings.STORAGES = settings.STORAGES | {"default": default}


@pytest.fixture(params=["folder", "seaweedfs"])
def storage(request: pytest.FixtureRequest) -> dict[str, str]:
    """The default storage: a new folder, then an empty bucket of SeaweedFS. Returns its settings,
    for servers."""
    return _storage(request, in_bucket=request.param == "seaweedfs")


@pytest.fixture
def files_storage(request: pytest.FixtureRequest) -> dict[str, str]:
    """The default storage of this run: a new folder, or with `--storage s3` an empty bucket of
    SeaweedFS. Returns its settings, for servers."""
    return _storage(request, in_bucket=request.config.getoption("storage") == "s3")


def _storage(request: pytest.FixtureRequest, *, in_bucket: bool) -> dict[str, str]:
    if in_bucket:
        settings: dict[str, str] = request.getfixturevalue("bucket")
        return settings
    return in_folder(request.getfixturevalue("folder"))


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
    objects.delete(stored())
    storage_outages.recovered()
    yield seaweedfs.environment
    storage_outages.recovered()
