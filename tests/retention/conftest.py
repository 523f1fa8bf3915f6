"""Fixtures of retention's tests."""

from tests.support.events import captured_events
from tests.support.people import alice, bob, charlie, chat, crew, dana

__all__ = ["alice", "bob", "captured_events", "charlie", "chat", "crew", "dana"]
