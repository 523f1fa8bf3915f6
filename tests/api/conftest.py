"""Fixtures for tests of the API as a whole."""

import pytest
from django.core.cache import cache

from tests.files.conftest import files_root
from tests.support.events import captured_events
from tests.support.people import alice, bob, charlie, chat, crew, dana
from tests.support.pushes import encoded

__all__ = ["alice", "bob", "captured_events", "charlie", "chat", "crew", "dana", "files_root"]


@pytest.fixture(autouse=True)
def _fresh_counters(db):
    """Clear the limits that other tests counted for this machine's address."""
    cache.clear()


@pytest.fixture(autouse=True)
def _push_key(settings):
    """Set up pushes, with a key that never changes: responses contain its public half."""
    settings.VAPID_PRIVATE_KEY = encoded(bytes([1]) * 32)
