"""Fixtures of the tests of sign-in and security in Chromium."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page
from pytest_django import DjangoDbBlocker

from tests.journeys.conftest import browse, service_workers, watch
from tests.support.browser import chromium, playwright
from tests.support.live import db, server_of_browsers, shared_database
from tests.support.people import QUICK_HASHERS
from tests.support.servers import Server

__all__ = [
    "browse",
    "chromium",
    "db",
    "playwright",
    "service_workers",
    "shared_database",
    "watch",
]


@pytest.fixture(scope="session")
def server(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Server]:
    """A server with a name: browsers make no passkeys for an address of digits. It hashes
    passwords quickly: each test signs in several times, at 0.25 s of processor time."""
    with server_of_browsers(
        django_db_blocker,
        host="localhost",
        program="tests.support.quick_hashes",
        STAFF_SECOND_FACTOR="true",
    ) as server:
        yield server


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Hash passwords as the server does."""
    settings.PASSWORD_HASHERS = QUICK_HASHERS


@pytest.fixture(autouse=True)
def _fresh_counters(db: None) -> None:
    """In place of the one for tests in transactions."""


def with_authenticator(page: Page, **more: Any) -> Any:
    """Give the page's browser a device for passkeys that verifies the person and agrees to all.

    Returns the CDP session, and so keeps the device plugged in.
    """
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
        **more,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return devtools
