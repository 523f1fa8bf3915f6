"""Microsoft's sign-in and Graph, as far as they are documented, on this machine.

It checks what it receives: `wrong` names every request that Microsoft would refuse or that breaks a
documented limit. Its notifications are encrypted by Node (`encrypt.mjs`).
"""

import json
import re
import ssl
import subprocess
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.test import Client
from jwt.algorithms import RSAAlgorithm

from tests.support.web import Page, Web, serving

TENANT = "84bd8158-6d4d-4958-8b9f-9d6445542f95"
CLIENT = "8e460676-ae3f-4b1e-8790-ee0fb5d6148f"
SECRET = "a secret of the application"
ACCOUNT = "watcher@example.org"
PUBLISHER = "0bf30f3b-4a52-48df-9a82-234910c4a086"
ENCRYPT = Path(__file__).parent / "encrypt.mjs"
PRESENCES = re.compile(r"/communications/presences\?\$filter=id in \((.+)\)")


class _Page(Page):
    """With the methods that Graph has besides."""

    def do_PATCH(self) -> None:
        self.do_POST()

    def do_DELETE(self) -> None:
        self.do_GET()


class Microsoft:
    """`presences`: (availability, activity) by object id. `people`: what `/users` has.
    `throttled`: Retry-After of the next requests, while it is not None. `refused`: ids for which it
    refuses the whole request for presences."""

    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        self.key = key
        self.url = ""
        self.wrong: list[str] = []
        self.presences: dict[str, tuple[str, str]] = {}
        self.people: list[dict[str, str]] = []
        self.subscriptions: dict[str, dict[str, Any]] = {}
        self.throttled: int | None = None
        self.refused: set[str] = set()
        self.is_down = False
        self.secret = SECRET
        self.asked: list[tuple[str, str]] = []
        self.refresh_tokens = {"refresh-1": ACCOUNT}

    # --- What it is asked ------------------------------------------------------------------------

    def answer(self, page: Page) -> None:
        path = urlsplit(page.path).path
        self.asked.append((page.command, path))
        status, found, headers = self._answer(page, path)
        body = b"" if found is None else json.dumps(found).encode()
        page.say(body, status=status, Content_Type="application/json", **headers)

    def _answer(self, page: Page, path: str) -> tuple[int, Any, dict[str, str]]:
        if not path.startswith("/v1.0/"):
            return (*self._of_login(page, path), {})
        authorization = page.headers.get("Authorization", "")
        who = {"Bearer of-server": "", f"Bearer of-{ACCOUNT}": ACCOUNT}.get(authorization)
        if who is None:
            return 401, _error("InvalidAuthenticationToken"), {}
        if self.is_down:
            return 502, None, {}
        if self.throttled is not None:
            return 429, _error("TooManyRequests"), {"Retry-After": str(self.throttled)}
        return (*self._of_graph(page, path.removeprefix("/v1.0"), who), {})

    def _of_login(self, page: Page, path: str) -> tuple[int, Any]:
        base = f"{self.url}/{TENANT}"
        if path.endswith("openid-configuration"):
            new = "/v2.0/" in path
            return 200, {
                "issuer": f"{base}/v2.0" if new else f"https://sts.windows.net/{TENANT}/",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
                "jwks_uri": f"{self.url}/common/discovery/keys",
            }
        if path == "/common/discovery/keys":
            jwk = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
            return 200, {"keys": [{**jwk, "kid": "key-1", "use": "sig"}]}
        form = {name: values[0] for name, values in parse_qs(page.body.decode()).items()}
        if path == f"/{TENANT}/oauth2/v2.0/devicecode":
            self._check_scopes(form)
            return 200, {
                "device_code": "device",
                "user_code": "ABC",
                "verification_uri": f"{self.url}/device",
                "message": f"Open {self.url}/device and enter ABC.",
                "expires_in": 900,
                "interval": 0,
            }
        if path == f"/{TENANT}/oauth2/v2.0/token":
            return self._token(form)
        self._wrong(f"{page.command} {path}")
        return 404, {}

    def _token(self, form: dict[str, str]) -> tuple[int, Any]:
        self._expect("client_id", form.get("client_id"), CLIENT)
        grant = form.get("grant_type", "")
        if grant == "client_credentials":
            self._expect("scope", form.get("scope"), f"{self.url}/.default")
            if form.get("client_secret") != self.secret:
                said = "AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 1"
                return 401, {"error": "invalid_client", "error_description": said}
            return 200, _token_response("of-server")
        account = self.refresh_tokens.get(form.get("refresh_token", ""), "")
        if "device_code" in grant:
            self._expect("device_code", form.get("device_code"), "device")
            account = ACCOUNT
        else:
            self._check_scopes(form)
        if not account:
            said = "AADSTS700082: The refresh token has expired due to inactivity."
            return 400, {"error": "invalid_grant", "error_description": said}
        following = f"refresh-{len(self.refresh_tokens) + 1}"
        self.refresh_tokens[following] = account
        claims = {"preferred_username": account, "oid": "1", "aud": CLIENT, "iss": "x", "sub": "y"}
        claims |= {"exp": time.time() + 600, "iat": time.time()}
        id_token = jwt.encode(claims, self.key, algorithm="RS256")
        more = {"refresh_token": following, "id_token": id_token}
        return 200, _token_response(f"of-{account}") | more

    def _check_scopes(self, form: dict[str, str]) -> None:
        scopes = form.get("scope", "").split()
        if f"{self.url}/Presence.Read.All" not in scopes or "offline_access" not in scopes:
            self._wrong(f"scopes {scopes}")

    def _of_graph(self, page: Page, path: str, who: str) -> tuple[int, Any]:
        body = json.loads(page.body) if page.body else {}
        if path == "/communications/getPresencesByUserId":
            return self._presences(body["ids"])
        if path == "/users":
            query = parse_qs(urlsplit(page.path).query)
            [mail] = re.findall(r"^mail eq '(.+)'$", query["$filter"][0])
            found = [each for each in self.people if each["mail"] == mail.replace("''", "'")]
            return 200, {"value": found}
        if not path.startswith("/subscriptions"):
            self._wrong(f"{page.command} {path}")
            return 404, _error("NotFound")
        if not who:
            return 403, _error("Forbidden", "presence needs a delegated permission")
        if path == "/subscriptions":
            if page.command == "GET":
                return 200, {"value": list(self.subscriptions.values())}
            return self._subscribe(body)
        found = self.subscriptions.get(path.removeprefix("/subscriptions/"))
        if found is None:
            return 404, _error("ResourceNotFound")
        if page.command == "DELETE":
            del self.subscriptions[found["id"]]
            return 204, None
        self._expect("fields", list(body), ["expirationDateTime"])
        self._check_expiry(body)
        found |= body
        return 200, _public(found)

    def _presences(self, ids: list[str]) -> tuple[int, Any]:
        if not 1 <= len(ids) <= 650 or len(set(ids)) != len(ids):
            self._wrong(f"{len(ids)} ids")
            return 400, _error("BadRequest")
        if self.refused & set(ids):
            return 400, _error("BadRequest")
        return 200, {
            "value": [
                {
                    "id": each,
                    "availability": self.presences[each][0],
                    "activity": self.presences[each][1],
                }
                for each in ids
                if each in self.presences
            ]
        }

    def _subscribe(self, body: dict[str, Any]) -> tuple[int, Any]:
        self._expect("changeType", body["changeType"], "updated")
        self._expect("includeResourceData", body["includeResourceData"], True)
        self._check_expiry(body)
        found = PRESENCES.fullmatch(body["resource"])
        ids = re.findall(r"'([0-9a-f-]{36})'", found[1]) if found else []
        if not 1 <= len(ids) <= 650 or ",".join(f"'{each}'" for each in ids) != (found or "  ")[1]:
            self._wrong(f"resource {body['resource'][:100]}")
        if not 0 < len(body["clientState"]) <= 128:
            self._wrong("clientState")
        self._check_certificate(body)
        if self.subscriptions:
            return 403, _error("Forbidden", "one presence subscription for each account")
        for name in ("notificationUrl", "lifecycleNotificationUrl"):
            if not self._validates(body[name]):
                return 400, _error("ValidationError")
        made = body | {"id": str(uuid4()), "ids": ids}
        self.subscriptions[made["id"]] = made
        return 201, _public(made)

    def _check_expiry(self, body: dict[str, Any]) -> None:
        left = datetime.fromisoformat(body["expirationDateTime"]) - datetime.now(UTC)
        if not timedelta(0) < left <= timedelta(minutes=60):
            self._wrong(f"expires in {left}")

    def _check_certificate(self, body: dict[str, Any]) -> None:
        certificate = x509.load_der_x509_certificate(b64decode(body["encryptionCertificate"]))
        key = certificate.public_key()
        if not isinstance(key, rsa.RSAPublicKey) or not 2048 <= key.key_size <= 4096:
            self._wrong("the key of the certificate")
        if not 0 < len(body["encryptionCertificateId"]) <= 128:
            self._wrong("encryptionCertificateId")

    def _validates(self, address: str) -> bool:
        """The handshake: the address returns a token as plain text."""
        token = "Validation: Testing client application reachability <b>&é</b>"
        path = urlsplit(address).path
        said = Client().post(
            path, query_params={"validationToken": token}, content_type="text/plain"
        )
        return (
            said.status_code == 200
            and said["Content-Type"].startswith("text/plain")
            and said.content.decode() == token
        )

    def _expect(self, what: str, found: object, expected: object) -> None:
        if found != expected:
            self._wrong(f"{what} is {found!r}")

    def _wrong(self, what: str) -> None:
        self.wrong.append(what)

    # --- What it tells ---------------------------------------------------------------------------

    @property
    def subscription(self) -> dict[str, Any]:
        [only] = self.subscriptions.values()
        return only

    def token(self, **changed: Any) -> str:
        """A validation token, with changes."""
        now = int(time.time())
        claims = {
            "aud": CLIENT,
            "iss": f"https://sts.windows.net/{TENANT}/",
            "iat": now,
            "nbf": now,
            "exp": now + 30_000,
            "appid": PUBLISHER,
            "tid": TENANT,
            "ver": "1.0",
        } | changed
        claims = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": "key-1"})

    def items(self, *told: tuple[str, str, str]) -> list[dict[str, Any]]:
        """Notifications of (object id, availability, activity)."""
        made = self.subscription
        resources = [
            {
                "@odata.type": "#microsoft.graph.presence",
                "id": one,
                "availability": a,
                "activity": b,
            }
            for one, a, b in told
        ]
        asked = {
            "certificate": made["encryptionCertificate"],
            "certificateId": made["encryptionCertificateId"],
            "resources": resources,
        }
        done = subprocess.run(
            ["node", ENCRYPT], input=json.dumps(asked).encode(), capture_output=True, check=True
        )
        return [
            {
                "subscriptionId": made["id"],
                "clientState": made["clientState"],
                "changeType": "updated",
                "tenantId": TENANT,
                "resource": f"communications/presences/{resource['id']}",
                "subscriptionExpirationDateTime": made["expirationDateTime"],
                "resourceData": {"@odata.type": "#microsoft.graph.presence", "id": resource["id"]},
                "encryptedContent": content,
            }
            for resource, content in zip(resources, json.loads(done.stdout), strict=True)
        ]

    def lifecycle(self, event: str) -> dict[str, Any]:
        made = self.subscription
        names = {"subscriptionId": made["id"], "clientState": made["clientState"]}
        return names | {"tenantId": TENANT, "lifecycleEvent": event}


def _token_response(token: str) -> dict[str, Any]:
    return {"token_type": "Bearer", "expires_in": 3599, "access_token": token}


def _error(code: str, message: str = "") -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


def _public(made: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in made.items() if name != "encryptionCertificate"}


def certificate_of(key: rsa.RSAPrivateKey, folder: Path) -> tuple[Path, Path]:
    """Files with a certificate of 127.0.0.1, and its key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Stand-in")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "microsoft.pem", folder / "microsoft.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return certificate, private


@contextmanager
def microsoft(key: rsa.RSAPrivateKey, files: tuple[Path, Path]) -> Iterator[Microsoft]:
    """One that answers until the block ends."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    made = Microsoft(key)
    with serving(made.answer, context, page=_Page) as web:
        made.url = _secure(web)
        yield made


def _secure(web: Web) -> str:
    return web.origin.replace("http:", "https:")
