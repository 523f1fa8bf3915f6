"""People who connect at the same time."""

import pytest

from apps.chats.actions import groups
from tests.chats.factories import write, write_many
from tests.support.people import direct_chat, person


@pytest.fixture
def three(db):
    """Three people; the first has a chat with each of the others."""
    people = [person(name) for name in ("alice", "bob", "charlie")]
    for other in people[1:]:
        write(other, direct_chat(people[0], other), f"from {other.username}")
    return people


@pytest.fixture
def crew(three):
    """A group of the three, with 20 entries."""
    alice, bob, charlie = three
    chat = groups.create_group(alice.id, "Crew", [bob.id, charlie.id])
    write_many(alice, chat, 20)
    return chat
