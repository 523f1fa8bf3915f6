"""Whether people reach this server at PUBLIC_URL: as the doctor sees it from this machine."""

import base64
import secrets
import socket
import ssl
import time
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from apps.core.public_address import is_public_address
from chatproject.health.findings import ERROR, OK, WARNING, Finding

TIMEOUT_S = 5.0
# Authorities renew certificates well before; those of a week, in the middle of it.
LATE_PART, LATE_S = 6, 14 * 86_400
UNKNOWN_AUTHORITY = ("self-signed certificate", "unable to get local issuer certificate")
SWITCHING, FORBIDDEN = 101, 403


def of_public_address() -> Iterator[Finding]:
    """Asks for a page and for a WebSocket."""
    name, url = "public address", settings.PUBLIC_URL
    sent = secrets.token_hex(8)
    try:
        with httpx.Client(timeout=TIMEOUT_S, trust_env=False) as client:
            with client.stream("GET", f"{url}/livez", headers={"X-Request-ID": sent}) as answer:
                # Now: after the body the proxy may close the connection, which forgets it.
                certificate = _certificate(answer)
                answer.read()
            upgraded = _upgrade(client, f"{url}/ws")
    except httpx.HTTPError as error:
        yield _not_reached(url, error)
        return
    if certificate:
        yield of_certificate(certificate)
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


def _not_reached(url: str, error: httpx.HTTPError) -> Finding:
    said = f"{url} cannot be reached from here: {error or type(error).__name__}"
    if any(each in said for each in UNKNOWN_AUTHORITY):
        mend = (
            "Use a certificate of a public authority. With one of your own, which people's devices "
            "know and this command does not, look at the page in a browser instead."
        )
        return Finding("public address", WARNING, said, mend)
    if _leads_elsewhere(url, error):
        mend = (
            "In a container that name is the container itself, or its network keeps it from there: "
            "look at the page in a browser instead."
        )
        return Finding("public address", WARNING, said, mend)
    mend = "Check the name, the certificate, the proxy and the firewall, or PUBLIC_URL."
    return Finding("public address", ERROR, said, mend)


def _leads_elsewhere(url: str, error: httpx.HTTPError) -> bool:
    """Whether the address may serve people, though not this container: one of the loopback with
    TLS, which the container of the proxy ends, or a private one that no packet reaches."""
    parts = urlsplit(url)
    try:
        found = socket.getaddrinfo(parts.hostname, None)
    except OSError:
        return False
    addresses = [ip_address(str(each[4][0])) for each in found]
    if all(each.is_loopback for each in addresses):
        return parts.scheme == "https" and isinstance(error, httpx.ConnectError)
    is_private = not any(is_public_address(str(each)) for each in addresses)
    return is_private and isinstance(error, httpx.ConnectTimeout)


def _certificate(answer: httpx.Response) -> dict[str, Any]:
    """What the server showed, as `ssl` has it; empty without TLS. While the response is open."""
    tls = answer.extensions["network_stream"].get_extra_info("ssl_object")
    return dict(tls.getpeercert() or {}) if tls else {}


def of_certificate(certificate: dict[str, Any]) -> Finding:
    """Whether it is renewed in time. `certificate`: as `ssl.SSLSocket.getpeercert` has it."""
    begins, ends = (
        ssl.cert_time_to_seconds(certificate[name]) for name in ("notBefore", "notAfter")
    )
    left_s = ends - time.time()
    said = f"the certificate ends on {certificate['notAfter']}"
    if left_s > min((ends - begins) / LATE_PART, LATE_S):
        return Finding("certificate", OK, said)
    return Finding("certificate", WARNING, said, "Renew it. A proxy that does so has a log.")


def _upgrade(client: httpx.Client, url: str) -> int:
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(secrets.token_bytes(16)).decode(),
    }
    with client.stream("GET", url, headers=headers) as answer:
        return answer.status_code
