"""Fixtures of the tests of moderation."""

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache

from apps.accounts.models import User
from tests.support.events import captured_events
from tests.support.people import alice, bob, charlie, chat, crew, dana, person

__all__ = ["alice", "bob", "captured_events", "charlie", "chat", "crew", "dana"]


@pytest.fixture(autouse=True)
def _fresh_counters(db):
    """Clear the limits that other tests counted for this machine's address."""
    cache.clear()


@pytest.fixture(autouse=True)
def _proof_is_tested_elsewhere(settings):
    """What the admin asks of staff: see tests/accounts/test_staff.py."""
    settings.STAFF_SECOND_FACTOR = False


def moderator_named(username: str) -> User:
    """A member of staff who may moderate."""
    user = person(username, is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="moderate"))
    return user


@pytest.fixture
def moderator(db) -> User:
    return moderator_named("mona")


@pytest.fixture
def root(db) -> User:
    return person("root", is_staff=True, is_superuser=True)
