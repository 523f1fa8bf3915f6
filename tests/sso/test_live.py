"""A logout at Keycloak closes live connections of browsers and apps at real servers, within two
seconds."""

import asyncio
import time

import httpx
import pytest

from apps.accounts.models import User
from tests.support.app_listeners import AppListener, listening
from tests.support.apps import app_with
from tests.support.listeners import Listener, listener
from tests.support.live import LOOSE, cast, database, db, device, fresh_servers, shared_database

__all__ = ["cast", "db", "device", "fresh_servers", "listener", "listening", "shared_database"]


@pytest.mark.parametrize("way", ["socket", "stream", "poll"])
async def test_an_administrator_at_keycloak_ends_live_connections(
    keycloak, fresh_servers, listener, way
):
    servers = fresh_servers(2, **LOOSE, **keycloak.environment)
    keycloak.send_logouts_to(f"{servers[0].url}/accounts/sso/backchannel-logout")
    keys = {}
    for username in ("kim", "lee"):
        keys[username] = await asyncio.to_thread(keycloak.browser_session, servers[1].url, username)
    people = database(lambda: {user.username: user for user in User.objects.all()})
    kim = next(user for name, user in people.items() if name.startswith("kim"))
    lee = next(user for name, user in people.items() if name.startswith("lee"))
    ended: Listener = await listener(servers[1], kim, way, key=keys["kim"]).join()
    other: Listener = await listener(servers[1], lee, way, key=keys["lee"]).join()
    await asyncio.to_thread(keycloak.log_out, "kim")
    # Keycloak has sent the logout token by now: it responds to its administrator after that.
    began = time.monotonic()
    assert await ended.ended() in (4401, 401)
    assert time.monotonic() - began < 2
    assert other.online.is_set()
    await asyncio.to_thread(keycloak.log_out, "lee")


async def test_a_logout_at_keycloak_ends_the_app_of_that_person(keycloak, fresh_servers, listening):
    servers = fresh_servers(2, **LOOSE, **keycloak.environment)
    keycloak.send_logouts_to(f"{servers[0].url}/accounts/sso/backchannel-logout")
    apps = {}
    async with httpx.AsyncClient(base_url=servers[1].url, trust_env=False, timeout=30) as http:
        for username in ("kim", "lee"):
            tokens = await asyncio.to_thread(keycloak.app_tokens, username)
            body = {"provider_token": tokens["access_token"]}
            answer = await http.post("/api/v1/tokens/exchange", json=body)
            assert answer.status_code == 201, answer.text
            apps[username] = app_with(answer.json())
    ended: AppListener = await listening(servers[1], apps["kim"]).join()
    other: AppListener = await listening(servers[1], apps["lee"]).join()
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
