"""Access tokens of Microsoft: for this server itself, and for the accounts that an operator
connected."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from django.conf import settings

from apps.graph.errors import GraphUnavailable, SignInRefused
from apps.graph.gateways.http import MsalClient

# Graph allows subscriptions to presence only in the name of a person ("delegated").
DELEGATED = ("Presence.Read.All",)


def forget() -> None:
    """Forget all tokens of this process."""
    _application.cache_clear()


def of_server() -> str:
    """A token of this server itself, from msal's memory while it is good.

    Raises SignInRefused, GraphUnavailable.
    """
    with _asking():
        found = _app().acquire_token_for_client(scopes=[f"{settings.GRAPH_URL}/.default"])
    return str(_checked(found)["access_token"])


def of_account(refresh_token: str) -> tuple[str, str]:
    """A token in the name of a connected account, and its next refresh token. Raises as above."""
    with _asking():
        app = _app(public=True)
        found = app.acquire_token_by_refresh_token(refresh_token, scopes=_delegated())
    found = _checked(found)
    return str(found["access_token"]), str(found.get("refresh_token") or refresh_token)


def begin_connecting() -> dict[str, Any]:
    """msal's device flow: `message` says where somebody enters which code. Raises as above."""
    with _asking():
        flow: dict[str, Any] = _app(public=True).initiate_device_flow(scopes=_delegated())
    return flow if "user_code" in flow else _checked(flow)


def finish_connecting(flow: dict[str, Any]) -> tuple[str, str]:
    """Wait until somebody has entered the code: the name of their account, and its refresh token.

    Raises as above; also when nobody has entered it in time.
    """
    with _asking():
        found = _app(public=True).acquire_token_by_device_flow(flow)
    found = _checked(found)
    claims = found.get("id_token_claims") or {}
    name = str(claims.get("preferred_username") or claims.get("oid") or "")
    if not name or not found.get("refresh_token"):
        raise SignInRefused("Microsoft has named no account")
    return name, str(found["refresh_token"])


def _delegated() -> list[str]:
    return [f"{settings.GRAPH_URL}/{name}" for name in DELEGATED]


@contextmanager
def _asking() -> Iterator[None]:
    """msal raises these of what it cannot read; its own errors have no other base."""
    try:
        yield
    except (ValueError, KeyError, RuntimeError) as error:
        raise GraphUnavailable(f"the sign-in of {settings.GRAPH_LOGIN_URL}: {error}") from error


def _app(*, public: bool = False) -> Any:
    return _application(
        settings.GRAPH_CLIENT_ID,
        "" if public else settings.GRAPH_CLIENT_SECRET,
        f"{settings.GRAPH_LOGIN_URL}/{settings.GRAPH_TENANT}",
    )


@lru_cache(maxsize=8)
def _application(client_id: str, secret: str, authority: str) -> Any:
    # Not at the start of each process: most never ask.
    import msal

    # No request to a host that the operator has not named.
    parts = {"authority": authority, "instance_discovery": False, "http_client": MsalClient()}
    if secret:
        return msal.ConfidentialClientApplication(client_id, client_credential=secret, **parts)
    return msal.PublicClientApplication(client_id, **parts)


def _checked(found: dict[str, Any] | None) -> dict[str, Any]:
    if found and found.get("access_token"):
        return found
    found = found or {}
    # The description goes on with ids of the request and the time.
    words = str(found.get("error_description", "")).splitlines() or [""]
    raise SignInRefused(f"{found.get('error', 'no token')}: {words[0]}"[:300])
