"""`python -m bench.load.classic`: a load process of the classic run: all its clients send a number
of messages, one a second."""

import asyncio
from time import perf_counter
from typing import Any

import msgspec

from bench.load.client import ChatClient, ChatUnderLoad
from bench.load.clients import connect, disconnect_reasons
from bench.load.window import Window
from bench.load.workload import PerClient
from bench.people import Person
from chatproject.load.endpoint import Endpoint
from chatproject.load.fleet import serve

INTERVAL_S = 1.0
# Longer than the server takes to notice what it has not told.
STANDSTILL_S = 40.0


class Classic:
    """The clients of one load process."""

    def __init__(self) -> None:
        self._endpoint: Endpoint
        self._people: list[Person] = []
        self._chats: list[ChatUnderLoad] = []

    async def do(self, order: dict[str, Any]) -> dict[str, Any]:
        """Do what `do` says: connect all, or send all messages."""
        match order["do"]:
            case "prepare":
                self._endpoint = msgspec.convert(order["endpoint"], Endpoint)
                self._people = msgspec.convert(order["people"], list[Person])
            case "connect":
                self._chats = await connect(
                    self._endpoint,
                    self._people,
                    ChatClient,
                    at_once=order["at_once"],
                    timeout_s=order["timeout_s"],
                )
            case "send":
                return await self._send(order["messages"], order["timeout_s"])
        return {}

    async def _send(self, messages: int, timeout_s: float) -> dict[str, Any]:
        window = Window(chats=self._chats)
        window.measured_from = 0
        expected = messages * len(self._people)
        PerClient(count=messages, interval_s=INTERVAL_S).start(window)
        until = perf_counter() + timeout_s
        progress, moved = 0, perf_counter()
        while perf_counter() < until and perf_counter() < moved + STANDSTILL_S:
            if window.sent == expected and window.all_done():
                break
            before, progress = progress, window.sent + window.acked + window.deliveries
            if progress != before:
                moved = perf_counter()
            await asyncio.sleep(0.02)
        window.end()
        faults = window.faults()
        faults.update({f"refused {code}": count for code, count in window.refusals.items()})
        faults["unsent"] = expected - window.sent
        faults["undelivered"] = window.sent - window.completed
        faults["not acknowledged"] = window.sent - window.acked
        faults["connections ended"] = len(disconnect_reasons(self._chats))
        return {
            "acknowledged": window.acked,
            "faults": faults,
            "repeated": window.repeated.total(),
            "latencies": [round(each, 4) for each in window.latencies],
        }


if __name__ == "__main__":
    serve(Classic().do)
