"""Fixtures for tests of contacts."""

from tests.support.events import captured_events
from tests.support.people import alice, bob, charlie, dana

__all__ = ["alice", "bob", "captured_events", "charlie", "dana"]
