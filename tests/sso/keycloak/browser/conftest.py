"""People at a real browser, before a real server and a real Keycloak."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from pytest_django import DjangoDbBlocker

from tests.journeys.conftest import browse, service_workers, watch
from tests.support.browser import chromium, playwright
from tests.support.keycloak import Keycloak
from tests.support.live import LOOSE, db, shared_database
from tests.support.servers import Server, Servers
from tests.support.static import collected_static

__all__ = [
    "Browser",
    "browse",
    "chromium",
    "db",
    "playwright",
    "service_workers",
    "shared_database",
    "watch",
]


@pytest.fixture(scope="session")
def server(
    keycloak: Keycloak, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Server]:
    """One server that signs people in with Keycloak, and that Keycloak tells of logouts."""
    start = Servers()
    with django_db_blocker.unblock():
        made = start(STATIC_ROOT=str(collected_static()), **LOOSE, **keycloak.environment)[0]
        keycloak.send_logouts_to(f"{made.url}/accounts/sso/backchannel-logout")
        yield made
        start.end()
