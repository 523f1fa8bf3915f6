"""Fixtures that every test may ask for."""

from collections.abc import Iterator

import pytest
from django.db import close_old_connections, connection
from django.utils import translation

from apps.core import downloads
from tests.support.emptying import shared_rows, use_for_all_tests
from tests.support.live import servers, site
from tests.support.people import QUICK_HASHERS
from tests.support.servers import server, start_server
from tests.support.storages import (
    bucket,
    files_storage,
    folder,
    seaweedfs,
    seaweedfs_server,
    storage,
)
from tests.support.template import django_db_modify_db_settings, django_db_setup

__all__ = [
    "bucket",
    "django_db_modify_db_settings",
    "django_db_setup",
    "files_storage",
    "folder",
    "seaweedfs",
    "seaweedfs_server",
    "server",
    "servers",
    "shared_rows",
    "site",
    "start_server",
    "storage",
]

use_for_all_tests()

SERVING = {"server", "servers", "site", "start_server", "fresh_servers", "product"}


@pytest.fixture(autouse=True)
def quick_passwords(request: pytest.FixtureRequest, settings) -> None:
    """Hash passwords quickly where no server must know them. (The tests of `make run` and of
    servers have the real hash.)"""
    if not SERVING.intersection(request.fixturenames):
        settings.PASSWORD_HASHERS = QUICK_HASHERS


@pytest.fixture(autouse=True)
def default_language() -> Iterator[None]:
    """No test is left with the language of the last page of another one."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def downloads_keep_the_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """A download gives its connection back. That of a test whose transaction is rolled back has to
    stay."""

    def give_back() -> None:
        if not connection.in_atomic_block:
            close_old_connections()

    monkeypatch.setattr(downloads, "close_old_connections", give_back)
