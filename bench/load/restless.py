"""People who write as a browser does: others see them type, and they step away and come back."""

import asyncio
import itertools
from collections.abc import Sequence
from time import perf_counter

from bench.load.client import ChatClient
from bench.load.readers import ReadingWindow
from bench.load.returning import ReturningDevice
from chatproject.load.framing import encode_frame

# As the browser (static/realtime/worker/typing.js).
TYPING_INTERVAL_S = 3.0
MINUTE_S = 60.0


class TypingWindow(ReadingWindow):
    """A window in which a message is preceded by `typing`, at most once every three seconds."""

    def __init__(self, **arguments: object) -> None:
        self.typed = 0
        self._typed_at: dict[ChatClient, float] = {}
        super().__init__(**arguments)

    def send(self, client: ChatClient, due: float | None = None) -> None:
        """Have `client` type, and send a message that was due at `due` (default: now)."""
        now = perf_counter()
        if client.closed is None and now - self._typed_at.get(client, 0) >= TYPING_INTERVAL_S:
            self._typed_at[client] = now
            self.typed += 1
            client.transport.write(
                encode_frame(
                    f'{{"type":"typing","ref":"typing","chat":"{client.chat.id}"}}'.encode()
                )
            )
        super().send(client, due)


async def step_away(clients: Sequence[ChatClient]) -> None:
    """Each of these people is away from their device for half of each minute, at times of their
    own. Ends when it is cancelled."""
    states = itertools.cycle(["away"] * len(clients) + ["active"] * len(clients))
    wait = MINUTE_S / (2 * len(clients))
    for client, state in zip(itertools.cycle(clients), states, strict=False):
        if client.closed is None:
            client.transport.write(
                encode_frame(f'{{"type":"presence","ref":"presence","state":"{state}"}}'.encode())
            )
        await asyncio.sleep(wait)


async def come_back(devices: Sequence[ReturningDevice]) -> None:
    """Each of these devices loses its connection once a minute, at a time of its own, and resumes.
    Ends when it is cancelled, not in the middle of a return."""
    for device in itertools.cycle(devices):
        began = perf_counter()
        device.cut()
        arrival = asyncio.ensure_future(device.arrive())
        try:
            await asyncio.shield(arrival)
        finally:
            await arrival
        await asyncio.sleep(max(MINUTE_S / len(devices) - (perf_counter() - began), 0))
