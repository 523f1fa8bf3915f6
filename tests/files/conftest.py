"""Fixtures of the tests of files."""

import pytest
from django.core.files.storage import storages

from tests.support.events import captured_events
from tests.support.people import alice, bob, charlie, chat, crew, dana

__all__ = ["alice", "bob", "captured_events", "charlie", "chat", "crew", "dana"]


@pytest.fixture(autouse=True)
def files_root(settings, tmp_path):
    """An own folder of stored files."""
    settings.FILES_ROOT = tmp_path / "files"
    options = settings.STORAGES["default"]["OPTIONS"] | {"location": settings.FILES_ROOT}
    settings.STORAGES = settings.STORAGES | {
        "default": settings.STORAGES["default"] | {"OPTIONS": options}
    }
    storages._storages.clear()
    yield settings.FILES_ROOT
    storages._storages.clear()
