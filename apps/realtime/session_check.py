"""Closes the connections of ended sessions, for when the hint that ends them is lost; records that
the sessions of the others are in use."""

import asyncio
from collections.abc import Iterable

from django.db import Error

from apps.accounts.actions import device_uses
from apps.accounts.actions.device_uses import Use
from apps.accounts.queries import sessions
from apps.core.database import database_outages
from apps.realtime.connection import Connection
from apps.realtime.database import in_background_database
from apps.realtime.hub import Hub

CHECK_INTERVAL_S = 5.0
MAX_IN_A_CHECK = 5_000


async def run(hub: Hub) -> None:
    """Check every few seconds until shutdown."""
    while True:
        await asyncio.sleep(CHECK_INTERVAL_S)
        try:
            await check(hub)
        except Error as error:
            database_outages.failed(error)


async def check(hub: Hub) -> None:
    """Ask PostgreSQL which sessions are alive; close the connections of all others."""
    connections = list(hub.connections)
    for start in range(0, len(connections), MAX_IN_A_CHECK):
        part = connections[start : start + MAX_IN_A_CHECK]
        asked = [(connection.person, connection.session_key) for connection in part]
        alive = await in_background_database(sessions.valid_sessions, asked)
        for connection, key in zip(part, asked, strict=True):
            if key not in alive:
                hub.ended.close(connection)
        await _record_uses(each for each, key in zip(part, asked, strict=True) if key in alive)


async def _record_uses(connections: Iterable[Connection]) -> None:
    uses = device_uses.due(Use(each.session_key, *each.client) for each in connections)
    if not uses:
        return
    try:
        await in_background_database(device_uses.write, uses)
    except Error as error:  # ending dead sessions must not depend on it
        database_outages.failed(error)
