"""Fixtures for tests of accounts."""

import pytest
from django.core.cache import cache

from tests.support.events import captured_events
from tests.support.people import alice, bob, charlie, dana

__all__ = ["alice", "bob", "captured_events", "charlie", "dana"]


@pytest.fixture(autouse=True)
def _fresh_counters(db):
    """Clear the limits that other tests counted for this machine's address."""
    cache.clear()
