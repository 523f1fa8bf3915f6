"""What a browser's session remembers of a sign-in that is on its way at the provider."""

import time
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.sessions.backends.base import UpdateError
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from apps.sso.errors import Reason, SignInFailed

# The library's name: state -> nonce, code verifier, time; we add `next` and `link`.
STATES = "oidc_states"
TTL_S = 600


class Flow(NamedTuple):
    """One sign-in. `link`: the account to link the identity to, of the person who asked for it.
    `proof`: the account whose person, signed in already, proves again that it is them."""

    nonce: str
    code_verifier: str
    next: str
    link: UUID | None
    proof: UUID | None


def own_path(path: str) -> str:
    """`path` if it is a path of this server, else the start page.

    Browsers read `//evil` and `/\\evil` as addresses of another server.
    """
    own = path.startswith("/") and url_has_allowed_host_and_scheme(path, allowed_hosts=None)
    return path if own else "/"


def remember(request: HttpRequest, *, next_path: str, **accounts: UUID | None) -> None:
    """Add our fields to the flow that the library has just stored."""
    entry = next(reversed(request.session[STATES].values()))
    entry |= {"next": own_path(next_path)}
    entry |= {name: str(account) if account else "" for name, account in accounts.items()}
    request.session.modified = True


def pop(request: HttpRequest) -> Flow:
    """Remove and return the flow that a callback belongs to.

    It is removed before anything else is done: a state works once. Raises SignInFailed.
    """
    states: dict[str, dict[str, Any]] = request.session.get(STATES) or {}
    entry = states.pop(request.GET.get("state", ""), None)
    if entry is None:
        raise SignInFailed(Reason.EXPIRED, "unknown state")
    request.session[STATES] = states
    try:
        request.session.save()
    except UpdateError as error:
        raise SignInFailed(Reason.EXPIRED, "the session has ended meanwhile") from error
    if time.time() - entry["added_on"] > TTL_S:
        raise SignInFailed(Reason.EXPIRED, "the state is too old")
    link, proof = (UUID(entry[name]) if entry.get(name) else None for name in ("link", "proof"))
    return Flow(entry["nonce"], entry["code_verifier"], entry.get("next", "/"), link, proof)
