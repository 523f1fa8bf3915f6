"""Time limits of calls to Redis (`apps/realtime/background.py`)."""

import asyncio
import socket
import time

import pytest

from apps.realtime.background import bounded


async def test_a_response_that_came_while_the_loop_was_busy_is_in_time():
    here, there = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=here)

    def keep_the_loop_busy():
        there.send(b"pong")
        time.sleep(0.3)

    asyncio.get_running_loop().call_soon(keep_the_loop_busy)
    async with bounded(0.26):
        assert await reader.readexactly(4) == b"pong"
    writer.close()
    there.close()


async def test_time_runs_out_while_the_loop_waits():
    with pytest.raises(TimeoutError):
        async with bounded(0.01):
            await asyncio.Event().wait()
