"""A server with SCIM, and a directory that knows its token."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client

from tests.support.events import captured_events
from tests.support.people import alice, bob

if TYPE_CHECKING:
    from scim2_client.engines.wsgi import WSGISCIMClient

__all__ = ["alice", "bob", "captured_events"]
TOKEN = "the token of the directory"
ISSUER = "https://id.example.org/realms/parley"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Directory:
    """Sends requests as a directory does."""

    def __init__(self) -> None:
        self.client = Client(headers={"Authorization": f"Bearer {TOKEN}"})

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """One request; `path` is below /scim/v2/."""
        content = "" if body is None else json.dumps(body)
        send = getattr(self.client, method)
        if method == "get":
            return send(f"/scim/v2/{path}")
        return send(f"/scim/v2/{path}", content, content_type="application/scim+json")

    def create(self, user_name: str, **more: Any) -> dict[str, Any]:
        """Create a person; returns the resource."""
        answer = self.send("post", "Users", {"schemas": [USER], "userName": user_name, **more})
        assert answer.status_code == 201, answer.content
        return answer.json()

    def patch(self, entry: str, *operations: dict[str, Any]) -> Any:
        """Change a person by operations."""
        return self.send(
            "patch", f"Users/{entry}", {"schemas": [PATCH], "Operations": [*operations]}
        )


@pytest.fixture
def directory(db, settings: Any) -> Directory:
    """SCIM is set up, and this directory has its token."""
    settings.OIDC_ISSUER, settings.SCIM_TOKEN = ISSUER, TOKEN
    settings.AUTHENTICATION_BACKENDS = [
        "apps.sso.backend.SsoBackend",
        "allauth.account.auth_backends.AuthenticationBackend",
    ]
    return Directory()


@pytest.fixture
def compliance_client(directory: Directory) -> "Iterator[WSGISCIMClient]":
    """The client of the compliance checks, calling the product in this process."""
    # Every process of a run collects these tests, and the import is a quarter of all that costs.
    from scim2_client.engines.wsgi import WSGISCIMClient

    # As Django's own test client: the connection has the transaction of the test.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield WSGISCIMClient(
        WSGIHandler(),
        base_url="http://127.0.0.1:8000/scim/v2",
        headers={"Authorization": f"Bearer {TOKEN}"},
    )
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
