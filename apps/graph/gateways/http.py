"""Requests to Microsoft: each has a timeout and a limit of size, and follows no redirect.

Both addresses are settings of the operator (GRAPH_URL, GRAPH_LOGIN_URL), so they may be inside.
"""

import time
from typing import Any

import httpx
from django.db import connection

from apps.core.trusted_authorities import trusted_authorities
from apps.graph.errors import GraphUnavailable

Response = httpx.Response
TIMEOUT_S = 10.0
# Of the whole request, whatever a slow server does.
MAX_S = 30.0
# 650 presences take some 100 kB.
MAX_BYTES = 4_000_000


def fetch(method: str, url: str, **parts: Any) -> httpx.Response:
    """The response, read. `parts`: headers, params, data, json. Raises GraphUnavailable."""
    if not connection.in_atomic_block:
        # Back to the pool: a slow server must not hold the connections that others need.
        connection.close()
    deadline = time.monotonic() + MAX_S
    try:
        with (
            httpx.Client(
                timeout=TIMEOUT_S, follow_redirects=False, verify=trusted_authorities()
            ) as client,
            client.stream(method, url, **parts) as response,
        ):
            body = b""
            for part in response.iter_bytes():
                body += part
                if len(body) > MAX_BYTES or time.monotonic() > deadline:
                    raise GraphUnavailable("the response is too long")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise GraphUnavailable(repr(error)) from error
    # Without what said how the body was packed: it is unpacked.
    headers = {
        name: value
        for name, value in response.headers.items()
        if name not in ("content-encoding", "content-length", "transfer-encoding")
    }
    return httpx.Response(response.status_code, headers=headers, content=body)


class MsalClient:
    """What msal sends its requests with."""

    def get(self, url: str, **parts: Any) -> httpx.Response:
        """As `requests.get`."""
        return fetch("GET", url, **_known(parts))

    def post(self, url: str, **parts: Any) -> httpx.Response:
        """As `requests.post`."""
        return fetch("POST", url, **_known(parts))

    def close(self) -> None:
        """Nothing stays open."""


def _known(parts: dict[str, Any]) -> dict[str, Any]:
    return {name: parts[name] for name in ("headers", "params", "data") if parts.get(name)}
