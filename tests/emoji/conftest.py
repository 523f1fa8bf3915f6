"""Fixtures of the tests of custom emoji."""

import pytest
from django.core.cache import cache

from apps.emoji.actions import emoji
from tests.files.samples import encoded, photo, quadrants
from tests.moderation.conftest import moderator
from tests.support.events import captured_events
from tests.support.people import alice, bob, charlie, chat, crew

__all__ = ["alice", "bob", "captured_events", "charlie", "chat", "crew", "moderator"]
PICTURE = encoded(quadrants(40, 20), "PNG")


@pytest.fixture(autouse=True)
def _fresh(db, files_storage):
    """Clear the limits that other tests counted, and store in a folder or bucket of the test."""
    cache.clear()


def moving(edge=200, frames=3):
    """A GIF of noise whose frames differ."""
    first, *rest = [photo(edge, edge, "P").rotate(90 * n) for n in range(frames)]
    return encoded(first, "GIF", save_all=True, append_images=rest, duration=80, loop=0)


@pytest.fixture
def cat(alice):
    """An emoji of Alice's, with an alias. Returns its id."""
    return emoji.add(alice.id, name="party_cat", picture=PICTURE, aliases=["cat+"])
