"""Whether people reach this server at PUBLIC_URL: as the doctor sees it from this machine."""

import base64
import secrets
from collections.abc import Iterator

import httpx
from django.conf import settings

from chatproject.health.findings import ERROR, OK, WARNING, Finding

TIMEOUT_S = 5.0
SWITCHING, FORBIDDEN = 101, 403


def of_public_address() -> Iterator[Finding]:
    """Asks for a page and for a WebSocket."""
    name, url = "public address", settings.PUBLIC_URL
    sent = secrets.token_hex(8)
    try:
        with httpx.Client(timeout=TIMEOUT_S, trust_env=False) as client:
            answer = client.get(f"{url}/livez", headers={"X-Request-ID": sent})
            upgraded = _upgrade(client, f"{url}/ws")
    except httpx.HTTPError as error:
        said = f"{url} cannot be reached from here: {error or type(error).__name__}"
        mend = "Check the name, the certificate, the proxy and the firewall, or PUBLIC_URL."
        yield Finding(name, ERROR, said, mend)
        return
    if answer.status_code != httpx.codes.OK:
        mend = "The proxy must pass all paths with the header Host unchanged."
        yield Finding(name, ERROR, f"{url}/livez answers {answer.status_code}", mend)
        return
    if answer.headers.get("X-Request-ID") != sent:
        mend = "Another program answers there, or the proxy replaces X-Request-ID."
        yield Finding(name, WARNING, f"{url} does not answer as this release does", mend)
    else:
        yield Finding(name, OK, f"{url} answers")
    if upgraded in (SWITCHING, FORBIDDEN):
        yield Finding("websocket", OK, "the proxy passes WebSockets")
    else:
        said = f"{url}/ws answers {upgraded}: browsers fall back to slower ways"
        mend = "Let the proxy pass the headers Upgrade and Connection."
        yield Finding("websocket", WARNING, said, mend)


def _upgrade(client: httpx.Client, url: str) -> int:
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(secrets.token_bytes(16)).decode(),
    }
    with client.stream("GET", url, headers=headers) as answer:
        return answer.status_code
