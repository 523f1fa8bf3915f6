"""Fixtures of the tests of plugins."""

import pytest
from django.core.cache import cache

from apps.chats.message_hooks import Hooks, register_message_hooks
from tests.support.events import captured_events
from tests.support.people import alice, bob, charlie, crew, dana

__all__ = ["alice", "bob", "captured_events", "charlie", "crew", "dana"]


@pytest.fixture(autouse=True)
def _fresh_counters(db):
    """Clear the limits that other tests counted."""
    cache.clear()


@pytest.fixture
def hooked():
    """`hooked(before=..., after=...)` has these see all messages, until the test ends."""

    def connect(**hooks):
        register_message_hooks(Hooks(**hooks))

    yield connect
    register_message_hooks(Hooks())
