"""Fixtures of the notifications' tests: a push service of this machine, and people with devices."""

import pytest

from apps.notifications.actions.subscriptions import subscribe
from apps.notifications.gateways import gateway
from apps.notifications.vapid import public_key
from chatproject.run.keys import push_key
from tests.support.events import captured_events
from tests.support.people import alice, bob, charlie, chat, dana, session_of
from tests.support.pushes import push_service

__all__ = ["alice", "bob", "captured_events", "charlie", "chat", "dana"]


@pytest.fixture
def service(settings):
    """A push service that this server talks to."""
    settings.VAPID_PRIVATE_KEY = push_key()
    gateway.cache_clear()
    with push_service(public_key()) as service:
        settings.OUTBOUND_ORIGINS = [service.origin]
        settings.PUSH_HOSTS = ["127.0.0.1"]
        yield service
    gateway.cache_clear()


@pytest.fixture
def device(service):
    """`device(user)`: a browser of theirs, signed in and subscribed."""

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
