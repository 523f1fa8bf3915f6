"""Fixtures for tests of the API as a whole."""

import pytest
from django.core.cache import cache

from tests.support.events import captured_events
from tests.support.people import alice, bob, charlie, chat, crew, dana
from tests.support.pushes import encoded

__all__ = ["alice", "bob", "captured_events", "charlie", "chat", "crew", "dana"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Hundreds of requests may take minutes. The time limit would end one in the middle of a
    statement, which looks like an outage of the database: a 503 that is none of the product's."""
    if config.getoption("--long"):
        for item in items:
            if item.nodeid.startswith("tests/api/test_generated_requests.py"):
                item.add_marker(pytest.mark.timeout(1800))


@pytest.fixture(autouse=True)
def _fresh_counters(db, files_storage):
    """Clear the limits that other tests counted for this machine's address."""
    cache.clear()


@pytest.fixture(autouse=True)
def _push_key(settings):
    """Set up pushes, with a key that never changes: responses contain its public half."""
    settings.VAPID_PRIVATE_KEY = encoded(bytes([1]) * 32)


@pytest.fixture(autouse=True)
def _break_glass(settings):
    """The examples of reading chats need it."""
    settings.BREAK_GLASS = True
