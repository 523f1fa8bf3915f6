"""Fixtures of the tests of outgoing webhooks."""

import pytest

from tests.integrations.receivers import a_hook, receiver
from tests.support.shared_people import alice, bob, crew, shared_people

__all__ = ["alice", "bob", "crew", "receiver", "shared_people"]


@pytest.fixture
def hook(alice, crew, receiver):
    return a_hook(alice, crew, receiver.url)
