"""Fixtures for tests of the API against a real server."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from apps.accounts.actions.registration import register
from apps.accounts.models import User
from tests.support.live import *  # noqa: F403  its list of fixtures
from tests.support.live import database
from tests.support.people import PASSWORD, in_touch, person


@pytest.fixture
def alice_and_bob(db: None) -> Iterator[tuple[User, User]]:
    """Two contacts; Alice has a password. Their names are free again after the test."""
    alice, bob = database(_meet)
    yield alice, bob
    database(_rename, alice, bob)


def _meet() -> tuple[User, User]:
    alice, bob = register("alice", password=PASSWORD), person("bob", name="Bob")
    in_touch(alice, bob)
    return alice, bob


def _rename(*people: User) -> None:
    for each in people:
        User.objects.filter(id=each.id).update(username=f"former-{uuid4().hex[:12]}")
