"""Fixtures of these tests."""

import pytest
from django.core.cache import cache

from tests.support.events import captured_events
from tests.support.people import alice, bob, charlie, dana

__all__ = ["alice", "bob", "captured_events", "charlie", "dana"]


@pytest.fixture(autouse=True)
def _fresh_counters(db):
    """What other tests counted against this machine's address does not matter."""
    cache.clear()
