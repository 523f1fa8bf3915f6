"""Fixtures for tests of the API as a whole."""

from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import override_settings

from tests.api import world
from tests.support.emptying import empty_tables
from tests.support.events import captured_events
from tests.support.people import QUICK_HASHERS, alice, bob, charlie, chat, crew, dana
from tests.support.pushes import encoded

__all__ = ["alice", "bob", "captured_events", "charlie", "chat", "crew", "dana"]
SETTINGS = {
    # A key that never changes: responses contain its public half.
    "VAPID_PRIVATE_KEY": encoded(bytes([1]) * 32),
    "BREAK_GLASS": True,
}


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


@pytest.fixture(scope="module")
def _committed_world(shared_rows) -> world.World:
    """The world, made once for a module: that takes longer than most requests."""
    with override_settings(**SETTINGS, PASSWORD_HASHERS=QUICK_HASHERS):
        return shared_rows(world.build)


@pytest.fixture
def here(_committed_world: world.World, db, files_storage) -> world.World:
    """The world for a test that commits nothing. What the test changes is rolled back."""
    made = _committed_world.copy()
    made.store_files()
    return made


@pytest.fixture
def own_world(transactional_db, files_storage) -> world.World:
    """A world for a test that commits."""
    empty_tables()
    return world.build()


@pytest.fixture(autouse=True)
def _settings() -> Iterator[None]:
    """Set up what the examples need."""
    with override_settings(**SETTINGS):
        yield
