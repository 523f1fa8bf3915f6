"""Fixtures of the tests of bots."""

import pytest
from django.core.cache import cache

from apps.integrations.actions import bots
from tests.support.events import captured_events
from tests.support.people import alice, bob, charlie, crew

__all__ = ["alice", "bob", "captured_events", "charlie", "crew"]


@pytest.fixture(autouse=True)
def _fresh_counters(db):
    """Clear the limits that other tests counted."""
    cache.clear()


@pytest.fixture
def robot(alice):
    """A bot of Alice's."""
    return bots.make(alice.id, username="robot", name="Robot")
