"""A logout at Keycloak closes live connections at real servers, within two seconds."""

import asyncio
import time

import pytest

from apps.accounts.models import User
from tests.support.listeners import Listener, listener
from tests.support.live import LOOSE, cast, database, db, device, fresh_servers, shared_database

__all__ = ["cast", "db", "device", "fresh_servers", "listener", "shared_database"]


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
