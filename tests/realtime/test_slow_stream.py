"""A stream that is not read delays no other."""

import asyncio

import psutil

from tests.realtime.test_slow import AMOUNT, LONG, MAX_MEMORY_BYTES, small_buffers
from tests.support.listeners import listener

__all__ = ["listener"]


async def unread(server, key):
    """A stream of which only the beginning is read."""
    reader, writer = await asyncio.open_connection(sock=small_buffers(server.url), limit=1024)
    lines = (
        *("GET /api/v1/events/stream HTTP/1.1", "Host: 127.0.0.1", "Connection: close"),
        f"Cookie: parley={key}",
    )
    writer.write("".join(f"{line}\r\n" for line in (*lines, "")).encode())
    assert b"200" in await reader.readline()
    while b'"synced"' not in await reader.read(1024):
        pass
    return reader, writer


async def test_a_stream_that_is_not_read_is_closed_and_others_miss_nothing(
    one_server, cast, listener
):
    slow = listener(one_server, cast.bob, "stream")
    reader, writer = await unread(one_server, slow.key)
    bob = await listener(one_server, cast.bob, "stream").join()
    alice = await listener(one_server, cast.alice).join()
    process = psutil.Process(one_server.pid)
    memory = process.memory_info().rss
    for _ in range(AMOUNT):
        await alice.send(cast.chat, LONG)
    for other in (bob, alice):
        await other.has(cast.chat, AMOUNT)
        assert other.resumes == 1
    assert process.memory_info().rss - memory < MAX_MEMORY_BYTES
    # What was written before the close can be read, then the stream ends.
    taken = 0
    async with asyncio.timeout(60):
        while chunk := await reader.read(65_536):
            taken += len(chunk)
    assert taken < AMOUNT * len(LONG)
    writer.close()
    # After it reconnects it is complete.
    await slow.join()
    await slow.has(cast.chat, AMOUNT)
