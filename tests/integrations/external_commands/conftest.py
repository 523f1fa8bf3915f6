"""Fixtures of the tests of commands that another server answers."""

import pytest

from apps.integrations.actions import external_commands as actions
from tests.integrations.external_commands.receiver import Receiver
from tests.support.shared_people import alice, bob, crew, shared_people
from tests.support.web import serving

__all__ = ["alice", "bob", "crew", "shared_people"]


@pytest.fixture
def receiver(settings):
    found = Receiver()
    with serving(found) as web:
        settings.OUTBOUND_ORIGINS = [web.origin]
        found.origin = web.origin
        yield found


@pytest.fixture
def weather(alice, crew, receiver):
    """A command of Alice's group."""
    return actions.make(alice.id, crew, name="weather", url=f"{receiver.origin}/w?a=1", hint="city")
