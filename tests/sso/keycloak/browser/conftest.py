"""People at a real browser, before a real server and a real Keycloak."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from pytest_django import DjangoDbBlocker

from tests.journeys.conftest import browse, service_workers, watch
from tests.support.browser import chromium, playwright
from tests.support.keycloak import Keycloak
from tests.support.live import db, server_of_browsers, shared_database
from tests.support.servers import Server

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
    with server_of_browsers(django_db_blocker, **keycloak.environment) as server:
        keycloak.send_logouts_to(f"{server.url}/accounts/sso/backchannel-logout")
        yield server
