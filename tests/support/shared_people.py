"""Alice, Bob and their group, made once for a module: making them takes longer than most tests.

A test module imports these fixtures in place of those of the same names of its conftest.py. Its
tests roll back what they change (see `shared_rows`).
"""

from collections.abc import Callable
from copy import copy
from typing import Any, NamedTuple
from uuid import UUID

import pytest

from apps.accounts.models import User
from apps.chats.actions import groups
from tests.support.people import in_touch, person

__all__ = ["alice", "bob", "crew", "shared_people"]


class Crew(NamedTuple):
    """Alice's group, Bob in it."""

    alice: User
    bob: User
    chat: UUID


def build() -> Crew:
    """Needs the database."""
    alice, bob = person("alice", name="Alice Ärmel"), person("bob", name="Bob")
    in_touch(alice, bob)
    return Crew(alice, bob, groups.create_group(alice.id, "Crew", [bob.id]))


@pytest.fixture(scope="module")
def shared_people(shared_rows: Callable[..., Any]) -> Crew:
    """What the module shares."""
    made: Crew = shared_rows(build)
    return made


@pytest.fixture
def alice(shared_people: Crew, db: None) -> User:
    return copy(shared_people.alice)


@pytest.fixture
def bob(shared_people: Crew, db: None) -> User:
    return copy(shared_people.bob)


@pytest.fixture
def crew(shared_people: Crew, db: None) -> UUID:
    return shared_people.chat
