"""An app that is signed in with tokens, for tests."""

import json
from typing import Any
from uuid import UUID

from django.test import Client

from apps.accounts.actions import accounts, app_tokens
from apps.accounts.models import User
from apps.core.errors import SignedOut
from apps.realtime.authentication import credentials_of
from apps.realtime.authentication import signed_in as signed_in_with
from tests.support.people import signed_in

AGENT = "ParleyNotes/1.2 (Linux)"
JSON = "application/json"


class App:
    """An app of a person. It sends no cookie."""

    def __init__(self, tokens: app_tokens.Tokens) -> None:
        self.device = tokens.device
        self.access, self.refresh_token = tokens.access, tokens.refresh

    def request(self, method: str, path: str, body: object = None, **more: Any) -> Any:
        """A request with the access token, as Django's test client returns it."""
        client = Client(enforce_csrf_checks=True)
        given = {"Authorization": f"Bearer {self.access}", "User-Agent": AGENT}
        headers = given | more.pop("headers", {})
        data = {} if body is None else {"data": json.dumps(body), "content_type": JSON}
        return client.generic(method, f"/api/v1/{path}", headers=headers, **data, **more)

    @property
    def status(self) -> int:
        """The status of a request with the access token."""
        return int(self.request("GET", "me").status_code)

    def refresh(self, token: str = "") -> Any:
        """Exchange a refresh token (its own, if empty), and keep what comes."""
        response = post("tokens/refresh", {"refresh_token": token or self.refresh_token})
        if response.status_code == 200:
            self.access = response.json()["access_token"]
            self.refresh_token = response.json()["refresh_token"]
        return response


def post(path: str, body: object, **more: Any) -> Any:
    """A POST of somebody who is not signed in."""
    client = Client(enforce_csrf_checks=True)
    return client.post(f"/api/v1/{path}", json.dumps(body), content_type=JSON, **more)


def app_with(pair: dict[str, Any]) -> App:
    """The app that got this pair of tokens."""
    tokens = (UUID(pair["device"]), pair["access_token"], pair["refresh_token"])
    return App(app_tokens.Tokens(*tokens))


def app_of(user: User) -> App:
    """A new app of the person."""
    return App(app_tokens.begin(user.id))


# -- how an app ends ------------------------------------------------------------------------------


def use_ticket(ticket: str) -> tuple[User, str] | None:
    """Whom a ticket signs in, and the key of the session; None for nobody."""
    try:
        found = signed_in_with(credentials_of({}, ticket=ticket))
    except SignedOut:  # no ticket at all
        return None
    return None if found is None else (found.user, found.session_key)


def by_revoking(app: App, user: User) -> None:
    """The app signs itself out with its refresh token."""
    assert post("tokens/revoke", {"refresh_token": app.refresh_token}).status_code == 204


def by_signing_out(app: App, user: User) -> None:
    """The app signs itself out with its access token."""
    assert app.request("DELETE", "session").status_code == 204


def from_a_browser(app: App, user: User) -> None:
    """The person signs it out from a browser."""
    assert signed_in(user).delete(f"/api/v1/devices/{app.device}").status_code == 204


def all_others_from_a_browser(app: App, user: User) -> None:
    """The person signs everything else out from a browser."""
    assert signed_in(user).delete("/api/v1/devices").status_code == 204


def by_a_new_password(app: App, user: User) -> None:
    """The person changes the password."""
    accounts.set_password(User.objects.get(id=user.id), "another horse battery")


def by_closing_the_account(app: App, user: User) -> None:
    """An administrator closes the account."""
    accounts.deactivate(user.id)


def by_a_stolen_token(app: App, user: User) -> None:
    """A refresh token comes back that was used two refreshes ago."""
    stolen = app.refresh_token
    for token in ("", "", stolen):
        response = app.refresh(token)
    assert response.status_code == 401


ENDINGS = [
    by_revoking,
    by_signing_out,
    from_a_browser,
    all_others_from_a_browser,
    by_a_new_password,
    by_closing_the_account,
    by_a_stolen_token,
]
