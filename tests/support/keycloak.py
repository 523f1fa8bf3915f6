"""A real Keycloak for tests, and people who sign in at its own login page."""

import html
import os
import re
import secrets
import shutil
import signal
import tempfile
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from subprocess import Popen
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from django.test import Client

from chatproject.run import keycloak as product
from chatproject.run.errors import StartupError
from tests.support.client import NO_AUTHORITIES
from tests.support.ports import free_port

CLIENT, SECRET = product.CLIENT, product.CLIENT_SECRET
APP_CLIENT, APP_CALLBACK = product.APP_CLIENT, "http://127.0.0.1/callback"
START_TIMEOUT_S = 240.0
TIMEOUT_S = 30.0


class Keycloak:
    """One server with the realm of deploy/keycloak/realm.json; the password is the username."""

    def __init__(self) -> None:
        self._token = "", 0.0  # the administrator's, and until when it is used
        product.install()
        if not product.saved_database().exists():
            self._start()
            self.stop()
            product.save_database(self._home)
            shutil.rmtree(self._home)
        self._start()

    def _start(self) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="parley-keycloak-"))
        product.create_home(self._home)
        self._port = port = free_port()
        management_port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.issuer = product.issuer(port)
        service = product.service(self._home, port=port, management_port=management_port)
        log = self._home / "log"
        with log.open("wb") as output:
            self._process: Popen[bytes] = service.start(output)
        deadline = time.monotonic() + START_TIMEOUT_S
        while not product.ready(port):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Keycloak does not start:\n{log.read_text()}")
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop the server."""
        self._process.send_signal(signal.SIGCONT)
        self._process.terminate()
        self._process.wait(TIMEOUT_S)

    def remove(self) -> None:
        """Stop the server and delete its data."""
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)

    def hang(self) -> None:
        """Make it accept connections and respond to nothing, until `go_on`."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Undo `hang`."""
        self._process.send_signal(signal.SIGCONT)

    @property
    def environment(self) -> dict[str, str]:
        """Settings of a product that uses this server."""
        return {
            "OIDC_ISSUER": self.issuer,
            "OIDC_CLIENT_ID": CLIENT,
            "OIDC_CLIENT_SECRET": SECRET,
            "OIDC_APP_CLIENTS": APP_CLIENT,
        }

    # -- its administrator ------------------------------------------------------------------------

    def admin(self, method: str, path: str, **more: Any) -> Any:
        """A request to the admin API of the realm; the parsed response."""
        with _client() as http:
            answer = http.request(
                method,
                f"{self.url}/admin/realms/{product.REALM}/{path}",
                headers={"Authorization": f"Bearer {self._admin_token(http)}"},
                **more,
            )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def _admin_token(self, http: httpx.Client) -> str:
        """The administrator's token: kept while it is valid, since hashing the password is work."""
        token, until = self._token
        if time.monotonic() < until:
            return token
        form = {
            "grant_type": "password",
            "client_id": "admin-cli",
            "username": product.ADMIN,
            "password": product.ADMIN,
        }
        began = time.monotonic()
        address = f"{self.url}/realms/master/protocol/openid-connect/token"
        answer = http.post(address, data=form).json()
        token = str(answer["access_token"])
        self._token = token, began + answer["expires_in"] / 2
        return token

    def person(self, username: str) -> dict[str, Any]:
        """What the administrator sees of a person."""
        return self.admin("GET", "users", params={"username": username, "exact": "true"})[0]

    def set_enabled(self, username: str, enabled: bool) -> None:
        """Disable a person, or enable them again."""
        self.admin("PUT", f"users/{self.person(username)['id']}", json={"enabled": enabled})

    def sessions(self, username: str) -> list[dict[str, Any]]:
        """The sessions that the person has there."""
        return self.admin("GET", f"users/{self.person(username)['id']}/sessions")

    def log_out(self, username: str) -> None:
        """End all sessions of the person, as an administrator."""
        self.admin("POST", f"users/{self.person(username)['id']}/logout")

    def log_out_everybody(self) -> None:
        """End all sessions in the realm."""
        self.admin("POST", "logout-all")

    def send_logouts_to(self, url: str) -> None:
        """Set the back-channel logout address of our clients, as `make run` does."""
        product.send_logouts_to(self._port, url)

    # -- people -----------------------------------------------------------------------------------

    def callback(self, client: Client, username: str, password: str = "", *, path: str = "") -> str:
        """Begin a sign-in in `client`, sign in at Keycloak's page; the path of our callback."""
        to_provider = client.get(path or "/accounts/sso/login")
        assert to_provider.status_code == 302, to_provider.content.decode()
        return self.sign_in_at(to_provider["Location"], username, password)

    def sign_in_at(
        self, url: str, username: str, password: str = "", *, browser: dict[str, str] | None = None
    ) -> str:
        """Fill in the login page at `url`; the path and query of our callback. `browser`: the
        cookies of a browser, which are updated."""
        known = {} if browser is None else browser
        with _client() as http:
            page = http.get(url, headers={"Cookie": _header(known)})
            action = re.search(r'id="kc-form-login"[^>]*action="([^"]+)"', page.text)
            assert action, page.text
            # Its cookies are `Secure`: browsers send them to this machine, httpx does not.
            known |= {each.name: each.value or "" for each in http.cookies.jar}
            answer = http.post(
                html.unescape(action[1]),
                data={"username": username, "password": password or username},
                headers={"Cookie": _header(known)},
            )
            known |= {each.name: each.value or "" for each in http.cookies.jar}
        assert answer.status_code == 302, answer.text
        found = urlsplit(answer.headers["Location"])
        return f"{found.path}?{found.query}"

    def browser_session(self, server: str, username: str) -> str:
        """The key of a new session at a real server of the product."""
        with _client(base_url=server) as http:
            to_provider = http.get("/accounts/sso/login").headers["Location"]
            answer = http.get(self.sign_in_at(to_provider, username))
            assert answer.status_code == 302, answer.text
            return http.cookies["parley"]

    def app_tokens(
        self,
        username: str,
        *,
        client: str = APP_CLIENT,
        prompt: str = "",
        browser: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """The tokens that an app gets there: the person signs in, in a browser (RFC 8252).
        `browser`: its cookies, which are updated."""
        verifier = secrets.token_urlsafe(48)
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "client_id": client,
            "redirect_uri": APP_CALLBACK,
            "response_type": "code",
            "scope": "openid profile email",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **({"prompt": prompt} if prompt else {}),
        }
        address = f"{self._protocol}/auth?{urlencode(query)}"
        callback = self.sign_in_at(address, username, browser=browser)
        form = {
            "grant_type": "authorization_code",
            "client_id": client,
            "redirect_uri": APP_CALLBACK,
            "code": parse_qs(urlsplit(callback).query)["code"][0],
            "code_verifier": verifier,
        }
        return self._tokens(form)

    def refreshed(self, tokens: dict[str, Any]) -> dict[str, Any]:
        """The next tokens of an app that has these."""
        return self._tokens(
            {
                "grant_type": "refresh_token",
                "client_id": APP_CLIENT,
                "refresh_token": tokens["refresh_token"],
            }
        )

    def _tokens(self, form: dict[str, str]) -> dict[str, Any]:
        with _client() as http:
            answer = http.post(f"{self._protocol}/token", data=form)
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    @property
    def _protocol(self) -> str:
        return f"{self.issuer}/protocol/openid-connect"

    def open(self, url: str) -> httpx.Response:
        """The response to a browser that has no cookies there."""
        with _client() as http:
            return http.get(url)

    def sign_in(self, client: Client, username: str, password: str = "", *, path: str = "") -> Any:
        """The whole flow; the response of our callback."""
        return client.get(self.callback(client, username, password, path=path))


def _client(**options: Any) -> httpx.Client:
    return httpx.Client(timeout=TIMEOUT_S, trust_env=False, verify=NO_AUTHORITIES, **options)


def _header(cookies: dict[str, str]) -> str:
    return "; ".join(f"{name}={value}" for name, value in cookies.items())


@pytest.fixture(scope="session")
def keycloak() -> Iterator[Keycloak]:
    """One server for the tests in tests/sso/keycloak; tests/support/plugin.py gives them to one
    process. Skipped where it cannot be had; a failure under CI=true."""
    try:
        server = Keycloak()
    except StartupError as error:
        reason = f"no Keycloak: {error}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    yield server
    server.remove()
