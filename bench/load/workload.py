"""Workloads: when the next message is sent."""

import asyncio
import itertools
import random
from time import perf_counter

from bench.load.client import ChatClient
from bench.load.window import Window


class ClosedLoop:
    """Each client keeps `outstanding` messages unacknowledged: the most that the server can do."""

    def __init__(self, outstanding: int) -> None:
        self._outstanding = outstanding

    def start(self, window: Window) -> None:
        """Send the first messages. Each ack then sends the next one."""
        window.on_acknowledged = window.send
        for client in window.clients:
            for _ in range(self._outstanding):
                window.send(client)

    def stop(self) -> None:
        """Nothing to stop: only acks send messages."""


class FixedInFlight:
    """Keeps `outstanding` messages in flight in the whole chat.

    When all members have received a message, the next client sends one.
    """

    def __init__(self, outstanding: int) -> None:
        self._outstanding = outstanding

    def start(self, window: Window) -> None:
        """Send the first messages. Each complete delivery then sends the next one."""
        turns = itertools.cycle(_shuffled(window.clients))
        window.on_complete = lambda: window.send(next(turns))
        for _ in range(self._outstanding):
            window.send(next(turns))

    def stop(self) -> None:
        """Nothing to stop: only deliveries send messages."""


class OpenLoop:
    """Sends at a fixed rate, however fast the server is."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._task: asyncio.Task[None] | None = None

    def start(self, window: Window) -> None:
        """Start sending, one client after the other."""
        self._task = asyncio.get_running_loop().create_task(self._send(window))

    def stop(self) -> None:
        """Stop sending."""
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
            # uvloop's clock has ticks of a millisecond. Less than half of one would be no sleep at
            # all, and a busy loop would slow the server. A late message counts with its delay.
            await asyncio.sleep(max(due - perf_counter(), 0.001))


Workload = ClosedLoop | FixedInFlight | OpenLoop


def _shuffled(clients: list[ChatClient]) -> list[ChatClient]:
    """The clients in a fixed random order, so that members of a chat do not send in succession."""
    return random.Random(7).sample(clients, len(clients))
