"""A push service on loopback, and browsers subscribed to it.

It checks each push: the signature (RFC 8292, with PyJWT) and the content (RFC 8291, decrypted with
http-ece and the keys of the browser).
"""

import base64
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import time
from typing import Any, NamedTuple

import http_ece
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pytest_django import Settings

from apps.notifications.gateways import gateway
from apps.notifications.vapid import public_key
from chatproject.run.keys import new_push_key
from tests.support.web import Page, Web, serving

CURVE = ec.SECP256R1()


def encoded(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The bytes of a base64url text."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Received(NamedTuple):
    """A valid push that arrived. `status` is the response; 0: a function made it."""

    at: float
    headers: dict[str, str]
    payload: dict[str, Any]
    status: int


class PushBrowser:
    """A browser with a subscription: its endpoint, its keys, and the pushes it received."""

    def __init__(self, origin: str) -> None:
        self.path = f"/push/{secrets.token_urlsafe(16)}"
        self.endpoint = origin + self.path
        self._private = ec.generate_private_key(CURVE)
        self._auth = secrets.token_bytes(16)
        self.received: list[Received] = []
        # The response: a status, or a function that responds to the request.
        self.answer: int | Callable[[Page], object] = 201

    @property
    def keys(self) -> dict[str, str]:
        """As `PushSubscription.toJSON().keys`."""
        point = self._private.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        return {"p256dh": encoded(point), "auth": encoded(self._auth)}

    @property
    def payloads(self) -> list[dict[str, Any]]:
        """The payloads that were accepted, in order."""
        return [one.payload for one in self.received if 200 <= one.status < 300]

    def read(self, body: bytes) -> dict[str, Any]:
        """Decrypt and parse the body of a push."""
        plain = http_ece.decrypt(
            body, private_key=self._private, auth_secret=self._auth, version="aes128gcm"
        )
        content: dict[str, Any] = json.loads(plain)
        return content


class PushService:
    """A push host with many browsers. `wrong` lists the faults of invalid pushes."""

    def __init__(self, web: Web, public_key: str) -> None:
        self.origin = web.origin
        self.browsers: dict[str, PushBrowser] = {}
        self.wrong: list[str] = []
        self._public = public_key
        self.arrived = threading.Condition()

    @property
    def number(self) -> int:
        """How many pushes have arrived."""
        return sum(len(browser.received) for browser in self.browsers.values())

    def environment(self, private_key: str) -> dict[str, str]:
        """The settings with which other processes send to this service."""
        return {
            "VAPID_PRIVATE_KEY": private_key,
            "OUTBOUND_ORIGINS": self.origin,
            "PUSH_HOSTS": "127.0.0.1",
        }

    def browser(self) -> PushBrowser:
        """A browser with a new subscription."""
        made = PushBrowser(self.origin)
        self.browsers[made.path] = made
        return made

    def handle(self, page: Page) -> None:
        """Check one request, record it, and respond."""
        if len(page.body) < int(page.headers["Content-Length"]):
            return  # the sender was killed while sending
        browser = self.browsers.get(page.path)
        if browser is None:
            page.say(b"", status=404)
            return
        try:
            self._check(page)
            payload = browser.read(page.body)
        except Exception as error:
            self.wrong.append(repr(error))
            page.say(b"", status=400)
            return
        answer = browser.answer
        status = 0 if callable(answer) else answer
        with self.arrived:
            browser.received.append(Received(time(), dict(page.headers), payload, status))
            self.arrived.notify_all()
        if callable(answer):
            answer(page)
        else:
            page.say(b"", status=answer)

    def wait_for(self, condition: Callable[[], bool], within: float = 30.0) -> None:
        """Wait until a push arrives that makes the condition true."""
        with self.arrived:
            assert self.arrived.wait_for(condition, within), "the push did not come"

    def _check(self, page: Page) -> None:
        scheme, _, rest = page.headers["Authorization"].partition(" ")
        parts = dict(part.split("=", 1) for part in rest.split(","))
        assert scheme == "vapid"
        assert parts["k"] == self._public
        key = ec.EllipticCurvePublicKey.from_encoded_point(CURVE, decoded(parts["k"]))
        claims = jwt.decode(parts["t"], key, algorithms=["ES256"], audience=self.origin)
        assert claims["exp"] <= time() + 24 * 3600
        assert claims["sub"].startswith(("mailto:", "https:"))
        assert page.headers["Content-Encoding"] == "aes128gcm"
        assert int(page.headers["TTL"]) > 0
        assert len(page.headers["Topic"]) <= 32
        assert len(page.body) <= 4096


@contextmanager
def push_service(public_key: str) -> Iterator[PushService]:
    """A push service until the block ends. Fails if a push was invalid."""
    service: list[PushService] = []
    with serving(lambda page: service[0].handle(page)) as web:
        service.append(PushService(web, public_key))
        yield service[0]
        assert service[0].wrong == []


@pytest.fixture
def service(settings: Settings) -> Iterator[PushService]:
    """A push service that the product under test talks to."""
    settings.VAPID_PRIVATE_KEY = new_push_key()
    gateway.cache_clear()
    with push_service(public_key()) as service:
        settings.OUTBOUND_ORIGINS = [service.origin]
        settings.PUSH_HOSTS = ["127.0.0.1"]
        yield service
    gateway.cache_clear()
