"""Break-glass is switched on, and has moderators with and without its permission."""

import pytest

from tests.moderation.break_glass.asking import reader_named
from tests.moderation.conftest import moderator_named
from tests.support.shared_people import alice, bob, crew, shared_people

__all__ = ["alice", "bob", "crew", "shared_people"]


@pytest.fixture(autouse=True)
def _switched_on(settings):
    settings.BREAK_GLASS = True


@pytest.fixture
def mona(db):
    return reader_named("mona")


@pytest.fixture
def nick(db):
    return reader_named("nick")


@pytest.fixture
def moderator(db):
    """Without the permission for break-glass."""
    return moderator_named("milo")
