"""When the next message is sent."""

import asyncio
import itertools
import random
from time import perf_counter

from bench.load.client import ChatClient
from bench.load.window import Window


class ClosedLoop:
    """Each client keeps `outstanding` messages unacknowledged: as much as the server takes."""

    def __init__(self, outstanding: int) -> None:
        self._outstanding = outstanding

    def start(self, window: Window) -> None:
        """First messages; each ack then sends the next."""
        window.on_acknowledged = window.send
        for client in window.clients:
            for _ in range(self._outstanding):
                window.send(client)

    def stop(self) -> None:
        """Nothing runs beside the acks."""


class FixedInFlight:
    """In the whole chat so many messages are on their way: the next one is sent, by the next
    client, when everybody has one of them."""

    def __init__(self, outstanding: int) -> None:
        self._outstanding = outstanding

    def start(self, window: Window) -> None:
        """First messages; each that has arrived everywhere then sends the next."""
        turns = itertools.cycle(_shuffled(window.clients))
        window.on_complete = lambda: window.send(next(turns))
        for _ in range(self._outstanding):
            window.send(next(turns))

    def stop(self) -> None:
        """Nothing runs beside the deliveries."""


class OpenLoop:
    """A fixed rate, however the server does."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._task: asyncio.Task[None] | None = None

    def start(self, window: Window) -> None:
        """Begin to send in turns."""
        self._task = asyncio.get_running_loop().create_task(self._send(window))

    def stop(self) -> None:
        """Send no more."""
        if self._task:
            self._task.cancel()

    async def _send(self, window: Window) -> None:
        turns = itertools.cycle(_shuffled(window.clients))
        due = perf_counter()
        while True:
            now = perf_counter()
            while due <= now:
                window.send(next(turns), due)
                due += 1 / self._rate
            # uvloop's clock has ticks of a millisecond; less than half of one would be no sleep at
            # all, and spinning takes from the server. Being late counts as latency.
            await asyncio.sleep(max(due - perf_counter(), 0.001))


Workload = ClosedLoop | FixedInFlight | OpenLoop


def _shuffled(clients: list[ChatClient]) -> list[ChatClient]:
    """A fixed order in which neighbours do not follow each other."""
    return random.Random(7).sample(clients, len(clients))
