"""People with real browsers that accept notifications, and a server that sends pushes."""

from collections.abc import Callable, Iterator, Sequence

import pytest
from django.conf import settings
from playwright.sync_api import BrowserContext
from pytest_django import DjangoDbBlocker

from apps.accounts.models import User
from chatproject.run.keys import new_push_key
from tests.journeys.conftest import browse, cast, db, enter, proxy, shared_database, watch
from tests.journeys.screen import Screen
from tests.notifications.browser.workers import Worker, until_notifying
from tests.realtime_client.proxy import Proxy
from tests.support.browser import chromium, playwright, whole_chromium
from tests.support.live import server_of_browsers
from tests.support.people import session_of
from tests.support.servers import Server

__all__ = [
    "browse",
    "cast",
    "chromium",
    "db",
    "enter",
    "playwright",
    "proxy",
    "shared_database",
    "watch",
    "whole_chromium",
]

Allow = Callable[..., Screen]

# Headless Chromium has no push service to subscribe with; everything else is real.
SUBSCRIBED = """
(() => {
  const made = () => JSON.parse(localStorage.getItem('test.subscription') ?? 'null');
  const subscription = () => made() && {
    options: { applicationServerKey: null },
    toJSON: () => made(),
    unsubscribe: async () => { localStorage.removeItem('test.subscription'); return true; },
  };
  PushManager.prototype.getSubscription = async () => subscription();
  PushManager.prototype.subscribe = async () => {
    const letters = (n) => Array.from(crypto.getRandomValues(new Uint8Array(n)));
    const coded = (bytes) => btoa(String.fromCharCode(...bytes))
      .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
    const curve = { name: 'ECDH', namedCurve: 'P-256' };
    const pair = await crypto.subtle.generateKey(curve, true, ['deriveBits']);
    const point = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
    localStorage.setItem('test.subscription', JSON.stringify({
      endpoint: `https://fcm.googleapis.com/fcm/send/${coded(letters(16))}`,
      keys: { p256dh: coded(point), auth: coded(letters(16)) },
    }));
    return subscription();
  };
})()
"""


@pytest.fixture
def service_workers() -> bool:
    """Allow service workers, which these tests are about."""
    return True


@pytest.fixture(scope="session")
def server(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Server]:
    """One server with a VAPID key and a mail server, to which it sends nothing."""
    settings = {"VAPID_PRIVATE_KEY": new_push_key(), "EMAIL_URL": "smtp://127.0.0.1:9"}
    with server_of_browsers(django_db_blocker, **settings) as server:
        yield server


@pytest.fixture
def allow(browse: Callable[..., BrowserContext], server: Server, db: None) -> Allow:
    """`allow(user, path)`: the app in a browser that can subscribe, and may notify.

    `permissions` are granted before the page loads; `scripts` run before its own; `via` is a line
    to the server."""

    def make(
        user: User,
        path: str = "/",
        *,
        permissions: Sequence[str] = ("notifications",),
        scripts: Sequence[str] = (),
        via: Proxy | None = None,
        **options: object,
    ) -> Screen:
        context = browse(permissions=list(permissions), **options)
        context.add_init_script(SUBSCRIBED)
        address = (via or server).url
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_of(user)}
        context.add_cookies([{**cookie, "url": address}])
        page = context.new_page()
        # Added to the page, so that they do not run in its first document, about:blank.
        for script in scripts:
            page.add_init_script(script)
        page.goto(address + path)
        return until_notifying(Screen(page, address).ready())

    return make


@pytest.fixture
def worker() -> Callable[[Screen], Worker]:
    """`worker(screen)`: the service worker of a screen, once it runs and has cached the app."""
    return Worker.of
