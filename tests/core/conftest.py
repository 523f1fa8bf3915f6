"""Fixtures of these tests."""

from tests.support.events import captured_events
from tests.support.outages import outage_at_once
from tests.support.people import alice, bob, charlie, dana

__all__ = ["alice", "bob", "captured_events", "charlie", "dana", "outage_at_once"]
