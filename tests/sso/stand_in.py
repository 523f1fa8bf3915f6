"""A provider that says what a test tells it to, with keys of its own: Keycloak signs no lies."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from jwt.algorithms import RSAAlgorithm

from tests.support.keycloak import APP_CLIENT, CLIENT
from tests.support.web import Page, Web, serving

# Keys that no provider uses now: making one takes longer than a sign-in.
_spare_keys: list[rsa.RSAPrivateKey] = []


class StandIn:
    """`claims` of the next ID token; `id_token`, if set, is sent in place of one made of them."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self.issuer = web.origin
        self.keys: dict[str, rsa.RSAPrivateKey] = {}
        self.add_key("first")
        self.kid = "first"
        self.nonce = ""
        self.claims: dict[str, Any] = {}
        self.id_token = ""
        self.userinfo: dict[str, Any] = {}
        self.refusal: tuple[int, dict[str, Any]] | None = None
        # What it says of an access token, beside that it is active.
        self.introspection: dict[str, Any] = {}

    def add_key(self, kid: str) -> None:
        """Publish another signing key, which no other provider has at the same time."""
        made = _spare_keys or [rsa.generate_private_key(public_exponent=65537, key_size=2048)]
        self.keys[kid] = made.pop()

    def requests(self, path: str) -> int:
        """How often that path was asked for."""
        return [urlsplit(asked).path for asked, _ in self.web.seen].count(path)

    def all_claims(self, **changed: Any) -> dict[str, Any]:
        """The claims of a valid ID token, with changes; None leaves a claim out."""
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "azp": CLIENT,
            "sub": "subject-1",
            "sid": "session-1",
            "iat": now,
            "auth_time": now,
            "exp": now + 60,
            "nonce": self.nonce,
            "preferred_username": "kim",
            "name": "Kim",
            **changed,
        }
        return {name: value for name, value in claims.items() if value is not None}

    def access_token(self, *, kid_shown: str = "", **changed: Any) -> str:
        """A valid access token of an app, with changed claims. The person signed in an hour ago."""
        mine: dict[str, Any] = {"typ": "Bearer", "azp": APP_CLIENT, "nonce": None}
        mine |= {"jti": str(uuid4()), "auth_time": int(time.time()) - 3600}
        return self.sign(self.all_claims(**{**mine, **changed}), kid_shown=kid_shown)

    def sign(self, claims: dict[str, Any], *, kid_shown: str = "") -> str:
        """A token signed with RS256; its header may name another key."""
        headers = {"kid": kid_shown or self.kid}
        return jwt.encode(claims, self.keys[self.kid], "RS256", headers=headers)

    def answer(self, page: Page) -> None:
        """Respond to the product."""
        path = urlsplit(page.path).path
        status, body = 200, {}
        if path == "/.well-known/openid-configuration":
            names = ("authorization", "token", "userinfo", "end_session", "introspection")
            body = {f"{name}_endpoint": f"{self.issuer}/{name}" for name in names}
            body |= {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/keys"}
        elif path == "/keys":
            body = {"keys": [self._jwk(kid) for kid in self.keys]}
        elif path == "/token" and self.refusal:
            status, body = self.refusal
        elif path == "/token":
            token = self.id_token or self.sign(self.all_claims(**self.claims))
            body = {"access_token": "access", "id_token": token, "refresh_token": "refresh"}
        elif path == "/introspection":
            body = {"active": True, "sub": "subject-1", **self.introspection}
        elif path == "/userinfo":
            body = {"sub": "subject-1", **self.userinfo}
        page.say(json.dumps(body).encode(), status=status, Content_Type="application/json")

    def _jwk(self, kid: str) -> dict[str, Any]:
        public = RSAAlgorithm.to_jwk(self.keys[kid].public_key(), as_dict=True)
        return {**public, "kid": kid, "use": "sig", "alg": "RS256"}

    def begin(self, client: Client, path: str = "/accounts/sso/login") -> dict[str, str]:
        """Begin a sign-in; the parameters of the request to the provider."""
        query = parse_qs(urlsplit(client.get(path)["Location"]).query)
        self.nonce = query["nonce"][0]
        return {name: values[0] for name, values in query.items()}

    def finish(self, client: Client, state: str) -> Any:
        """Come back with a code; the response of the callback."""
        return client.get("/accounts/sso/callback", {"state": state, "code": "a-code"})

    def sign_in(self, client: Client, path: str = "/accounts/sso/login") -> Any:
        """The whole flow."""
        return self.finish(client, self.begin(client, path)["state"])


@contextmanager
def stand_in() -> Iterator[StandIn]:
    """A provider on loopback until the block ends."""
    with serving(lambda page: made.answer(page)) as web:
        made = StandIn(web)
        yield made
    _spare_keys.extend(made.keys.values())
