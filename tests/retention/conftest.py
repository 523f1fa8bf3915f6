"""Fixtures of retention's tests."""

import pytest

from tests.chats.factories import write
from tests.retention.ageing import MARK, age
from tests.support.events import captured_events
from tests.support.people import alice, bob, charlie, chat, crew, dana

__all__ = ["alice", "bob", "captured_events", "charlie", "chat", "crew", "dana"]


@pytest.fixture
def old(alice, crew):
    """A group whose entries before this seq are 40 days old."""
    write(alice, crew, f"{MARK} old")
    young = write(alice, crew, "young").seq
    age(crew, 40, before=young)
    return young
