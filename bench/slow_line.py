"""A line of limited delay and rate between a browser and a server on this machine."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

CHUNK = 16 * 1024


@dataclass
class _Direction:
    """One direction of the line, which all connections share."""

    delay_s: float
    bytes_per_s: float
    free_at: float = 0.0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward until the end: each chunk when the line has carried it and the delay is over."""
        loop = asyncio.get_running_loop()
        passing: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def deliver() -> None:
            while True:
                due, chunk = await passing.get()
                await asyncio.sleep(due - loop.time())
                if not chunk:
                    break
                writer.write(chunk)
                await writer.drain()
            writer.close()

        delivering = asyncio.create_task(deliver())
        with suppress(ConnectionError):
            while True:
                chunk = await reader.read(CHUNK)
                self.free_at = max(self.free_at, loop.time()) + len(chunk) / self.bytes_per_s
                passing.put_nowait((self.free_at + self.delay_s, chunk))
                if not chunk:
                    break
        with suppress(ConnectionError):
            await delivering


@asynccontextmanager
async def slow_line(port: int, *, round_trip_s: float, bits_per_s: float) -> AsyncIterator[int]:
    """Listen on a port, which it yields, and forward to `port` on this machine.

    A round trip takes `round_trip_s` more, as does the opening of a connection (one round trip in
    TCP); each direction carries `bits_per_s`.
    """
    up, down = (_Direction(round_trip_s / 2, bits_per_s / 8) for _ in range(2))

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(round_trip_s)
        with suppress(ConnectionError):
            from_server, to_server = await asyncio.open_connection("127.0.0.1", port)
            await asyncio.gather(up.carry(reader, to_server), down.carry(from_server, writer))

    server = await asyncio.start_server(forward, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
