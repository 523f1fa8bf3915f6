"""Lets this process, and its clients, follow the settings that administrators change while it runs,
and changes of the custom emoji."""

import asyncio

from django.db import Error

from apps.core import runtime
from apps.core.database import database_outages
from apps.realtime.announced import Announcer, refresh
from apps.realtime.database import in_background_database


async def run(announcer: Announcer) -> None:
    """Read them every second or so until shutdown."""
    while True:
        await check()
        announcer.tell()
        await asyncio.sleep(runtime.REFRESH_S)


async def check() -> None:
    """Read them. What was read before counts while the database is away."""
    try:
        await in_background_database(refresh)
    except Error as error:
        database_outages.failed(error)
