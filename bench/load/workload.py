"""Workloads: when the next message is sent."""

import asyncio
import itertools
import random
from functools import partial
from time import perf_counter

from bench.load.client import ChatClient
from bench.load.window import Window

# Refusals after which the browser sends again, and the first of its pauses.
TEMPORARY = ("unavailable", "rate_limited")
PAUSES_S = (1.0, 2.0)


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


class PerClient:
    """Each client sends `count` messages, one every `interval_s`, but none before the one before it
    is acknowledged. Each begins at a moment of its own in the first interval. What an overloaded
    server refuses is sent again after a random pause, as the browser does."""

    def __init__(self, *, count: int, interval_s: float) -> None:
        self._count = count
        self._interval_s = interval_s
        self._left: dict[ChatClient, int] = {}
        self._due: dict[ChatClient, float] = {}

    def start(self, window: Window) -> None:
        """Plan the first message of each client. Each ack then plans the next one."""
        began = perf_counter()
        clients = window.clients
        window.on_acknowledged = lambda client: self._plan(window, client)
        window.on_refused = partial(self._repeat, window)
        for client in clients:
            self._left[client] = self._count
            self._due[client] = began + random.uniform(0, self._interval_s)
            self._plan(window, client)

    def stop(self) -> None:
        """Nothing to stop: it ends by itself."""

    @staticmethod
    def _repeat(window: Window, client: ChatClient, code: str, ref: str | None) -> bool:
        if code not in TEMPORARY or ref is None:
            return False
        pause = random.uniform(*PAUSES_S)
        asyncio.get_running_loop().call_later(pause, window.send_again, client, int(ref, 16))
        return True

    def _plan(self, window: Window, client: ChatClient) -> None:
        if not self._left[client]:
            return
        self._left[client] -= 1
        due = self._due[client]
        self._due[client] = due + self._interval_s
        wait = max(due - perf_counter(), 0)
        asyncio.get_running_loop().call_later(wait, window.send, client, due)


Workload = ClosedLoop | FixedInFlight | OpenLoop | PerClient


def _shuffled(clients: list[ChatClient]) -> list[ChatClient]:
    """The clients in a fixed random order, so that members of a chat do not send in succession."""
    return random.Random(7).sample(clients, len(clients))
