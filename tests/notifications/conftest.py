"""Fixtures for tests of notifications: a local push service, and people with devices."""

import pytest

from apps.notifications.actions.subscriptions import subscribe
from tests.support.events import captured_events
from tests.support.outages import outage_at_once
from tests.support.people import alice, bob, charlie, chat, dana, session_of
from tests.support.pushes import service

__all__ = [
    "alice",
    "bob",
    "captured_events",
    "charlie",
    "chat",
    "dana",
    "outage_at_once",
    "service",
]


@pytest.fixture
def device(service):
    """`device(user)`: a browser of that person, signed in and subscribed."""

    def make(user, *, session=None):
        browser = service.browser()
        subscribe(
            user.id,
            session_key=session or session_of(user),
            endpoint=browser.endpoint,
            keys=browser.keys,
            name="Firefox",
        )
        return browser

    return make
