"""A logout at Keycloak closes live connections of browsers and apps at real servers, within two
seconds."""

import asyncio
import time

import httpx
import pytest

from apps.accounts.models import User
from tests.support.app_listeners import AppListener, listening
from tests.support.apps import app_with
from tests.support.listeners import TRANSPORTS, Listener, listener
from tests.support.live import LOOSE, database, db, shared_database
from tests.support.servers import Servers

__all__ = ["db", "listener", "listening", "shared_database"]


@pytest.fixture(scope="module")
def signing(keycloak, shared_database):
    """Two servers that sign people in with Keycloak, which tells the first one of logouts."""
    start = Servers()
    servers = start(2, **LOOSE, **keycloak.environment)
    keycloak.send_logouts_to(f"{servers[0].url}/accounts/sso/backchannel-logout")
    yield servers
    start.end()


async def test_an_administrator_at_keycloak_ends_live_connections(db, keycloak, signing, listener):
    keys = {}
    for username in ("kim", "lee"):
        keys[username] = await asyncio.to_thread(keycloak.browser_session, signing[1].url, username)
    people = database(lambda: {user.username: user for user in User.objects.all()})
    kim = next(user for name, user in people.items() if name.startswith("kim"))
    lee = next(user for name, user in people.items() if name.startswith("lee"))
    ended: list[Listener] = []
    others: list[Listener] = []
    for way in TRANSPORTS:
        ended.append(await listener(signing[1], kim, way, key=keys["kim"]).join())
        others.append(await listener(signing[1], lee, way, key=keys["lee"]).join())
    await asyncio.to_thread(keycloak.log_out, "kim")
    # Keycloak has sent the logout token by now: it responds to its administrator after that.
    began = time.monotonic()
    codes = await asyncio.gather(*(one.ended() for one in ended))
    assert codes == [4401, 4401, 401]
    assert time.monotonic() - began < 2
    assert all(other.online.is_set() for other in others)
    await asyncio.to_thread(keycloak.log_out, "lee")


async def test_a_logout_at_keycloak_ends_the_app_of_that_person(db, keycloak, signing, listening):
    apps = {}
    async with httpx.AsyncClient(base_url=signing[1].url, trust_env=False, timeout=30) as http:
        for username in ("kim", "lee"):
            tokens = await asyncio.to_thread(keycloak.app_tokens, username)
            body = {"provider_token": tokens["access_token"]}
            answer = await http.post("/api/v1/tokens/exchange", json=body)
            assert answer.status_code == 201, answer.text
            apps[username] = app_with(answer.json())
    ended: AppListener = await listening(signing[1], apps["kim"]).join()
    other: AppListener = await listening(signing[1], apps["lee"]).join()
    await asyncio.to_thread(keycloak.log_out, "kim")
    began = time.monotonic()
    assert await ended.ended() == 4401
    assert time.monotonic() - began < 2
    async with ended.http() as http:
        assert (await http.get("me")).status_code == 401
    async with other.http() as http:
        assert (await http.get("me")).status_code == 200
    assert other.online.is_set()
    await asyncio.to_thread(keycloak.log_out, "lee")
