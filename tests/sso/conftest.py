"""Fixtures of the tests of single sign-on: a provider that does as it is told and, for the tests in
`keycloak`, a real Keycloak; and settings that use it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from apps.sso.gateways import provider
from tests.sso.stand_in import StandIn, stand_in
from tests.support.events import captured_events
from tests.support.keycloak import APP_CLIENT, CLIENT, SECRET, Keycloak, keycloak
from tests.support.people import alice, bob, charlie

SSO_BACKEND = "apps.sso.backend.SsoBackend"
PASSWORD_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
__all__ = ["alice", "bob", "captured_events", "charlie", "keycloak"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first start of all fetches and builds Keycloak, which takes minutes. One process runs its
    folder (see tests/support/plugin.py): elsewhere a test would start another one."""
    for item in items:
        if item.nodeid.startswith("tests/sso/keycloak/"):
            item.add_marker(pytest.mark.timeout(1200))
        elif "keycloak" in getattr(item, "fixturenames", ()):
            raise pytest.UsageError(f"{item.nodeid} needs Keycloak: move it to tests/sso/keycloak")


@pytest.fixture
def sso(db, settings: Any, keycloak: Keycloak) -> Keycloak:
    """Keycloak, and this process set up to sign people in with it."""
    use_provider(settings, keycloak.issuer)
    # Those that another test left would send logout tokens to this one.
    keycloak.log_out_everybody()
    return keycloak


@pytest.fixture
def idp(db, settings: Any) -> Iterator[StandIn]:
    """A provider that says and signs what the test tells it to."""
    with stand_in() as made:
        use_provider(settings, made.issuer)
        yield made


def use_provider(settings: Any, issuer: str) -> None:
    """Set this process up to sign people in with that provider."""
    settings.OIDC_ISSUER = issuer
    settings.AUTHENTICATION_BACKENDS = [SSO_BACKEND, PASSWORD_BACKEND]
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT, SECRET
    settings.OIDC_APP_CLIENTS = [APP_CLIENT]
    provider.forget()
    cache.clear()


def who(client: Client) -> dict[str, Any] | None:
    """The profile of the person who is signed in; None when nobody is."""
    answer = client.get("/api/v1/me")
    return answer.json() if answer.status_code == 200 else None
