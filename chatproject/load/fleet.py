"""Load programs in processes of their own: one holds at most as many sockets as it may have
descriptors, and uses one core.

Orders and replies are lines of JSON on the standard input and output of such a process. It ends
when its input does, so none outlives the program that started it.
"""

import asyncio
import os
import resource
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import uvloop

MAX_LINE = 2**28
# Of the descriptors that Linux usually allows, the rest is for everything but sockets.
SOCKETS_PER_PROCESS = 15_000

Do = Callable[[dict[str, Any]], Awaitable[Any]]


class LoadProcessDied(Exception):
    """A load process ended by itself; its error is on stderr."""


class Fleet:
    """Running load processes."""

    def __init__(self, processes: Sequence[asyncio.subprocess.Process]) -> None:
        self._processes = processes

    @property
    def pids(self) -> tuple[int, ...]:
        """Their process ids."""
        return tuple(process.pid for process in self._processes)

    async def ask(self, order: Any) -> list[Any]:
        """Give all of them the same order. Returns their replies."""
        return await self.ask_each([order] * len(self._processes))

    async def ask_each(self, orders: Sequence[Any]) -> list[Any]:
        """Give each its own order. Returns their replies. Raises LoadProcessDied."""
        return await asyncio.gather(*map(_ask, self._processes, orders))


@asynccontextmanager
async def fleet(module: str, count: int) -> AsyncIterator[Fleet]:
    """Run `python -m module` so many times, until the end of the block."""
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", module),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=MAX_LINE,
            # Ctrl+C is for the program that started it, which then ends its input.
            start_new_session=True,
        )
        for _ in range(count)
    ]
    try:
        yield Fleet(processes)
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
            await process.wait()


async def _ask(process: asyncio.subprocess.Process, order: Any) -> Any:
    orders, replies = process.stdin, process.stdout
    if orders is None or replies is None:
        raise LoadProcessDied
    try:
        orders.write(msgspec.json.encode(order) + b"\n")
        await orders.drain()
    except (BrokenPipeError, ConnectionResetError):
        raise LoadProcessDied from None
    line = await replies.readline()
    if not line:
        raise LoadProcessDied
    return msgspec.json.decode(line)


def serve(do: Do) -> None:
    """The main loop of a load process: `do` each order, and reply with what it returns."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    uvloop.run(_serve(do))


async def _serve(do: Do) -> None:
    reader = asyncio.StreamReader(limit=MAX_LINE)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    lines: asyncio.Queue[bytes] = asyncio.Queue()
    # The reference keeps the task from being collected.
    reading = asyncio.get_running_loop().create_task(_read(reader, lines))
    while not reading.done():
        reply = await do(msgspec.json.decode(await lines.get()))
        sys.stdout.buffer.write(msgspec.json.encode(reply) + b"\n")
        sys.stdout.buffer.flush()


async def _read(reader: asyncio.StreamReader, lines: asyncio.Queue[bytes]) -> None:
    """Read orders, and exit at the end of the input, also in the middle of an order."""
    while line := await reader.readline():
        lines.put_nowait(line)
    os._exit(0)


def processes_for(people: int, wanted: int | None = None) -> int:
    """How many load processes so many sockets need, at least `wanted`."""
    return max(-(-people // SOCKETS_PER_PROCESS), wanted or 1)


def shares(items: Sequence[Any], count: int, *, together: int = 1) -> list[Sequence[Any]]:
    """Split `items` into `count` parts of about the same size. Each `together` in succession stay
    in one part."""
    size = together * -(-len(items) // (together * count))
    return [items[n * size : (n + 1) * size] for n in range(count)]
