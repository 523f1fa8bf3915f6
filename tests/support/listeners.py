"""A device that listens by any of the three transports, and changes between them.

Without a socket it sends commands by POST, with nothing but its session and its cursors.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from itertools import count
from typing import Any

import httpx
import msgspec
import pytest

from apps.accounts.models import User
from tests.support.client import TIMEOUT_S, Device, Gone, Refusal
from tests.support.live import database
from tests.support.people import session_of
from tests.support.servers import Server
from tests.support.state import Event

TRANSPORTS = ("socket", "stream", "poll")
_raws = msgspec.json.Decoder(list[msgspec.Raw])


class Refused(Exception):
    """A request failed with a problem document."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        super().__init__(f"{answer.status_code}: {answer.text}")


class Listener(Device):
    """A device of one person; `way` is its next transport."""

    way = "socket"
    # How listening over HTTP ended: the close code of a stream, the status of a poll.
    ending: int | None = None
    # Why the last request to listen has no response.
    failure: httpx.TransportError | None = None

    async def join(self, way: str = "", **options: Any) -> "Listener":
        """Connect and resume by `way` (as before, if empty); return when it is synced.
        Raises Gone when a request to listen is refused, or has no response."""
        self.way = way or self.way
        if self.way == "socket":
            await super().join(**options)
            return self
        self.resumes += 1
        place = len(self.events)
        self.ending = self.failure = None
        listening = self._listen(self.way)
        self._reader = asyncio.create_task(self._follow(listening))
        wanted = self.until(lambda event: event.get("ref") == "listen", since=place)
        told = asyncio.ensure_future(wanted)
        await asyncio.wait([told, self._reader], return_when=asyncio.FIRST_COMPLETED)
        if not any(event.get("ref") == "listen" for event in self.events[place:]):
            told.cancel()
            raise Gone from self.failure
        await told
        self.online.set()
        return self

    async def resume(self) -> Event:
        """Resume; over HTTP that is a new request to listen."""
        if self.way == "socket":
            return await super().resume()
        await self.cut()
        await self.join()
        return {}

    async def cut(self) -> None:
        """Disconnect without a word."""
        if self._socket is None and self._reader is not None:
            self._reader.cancel()
            await asyncio.wait([self._reader])
            self._reader = None
            return
        await super().cut()

    async def ended(self, within: float = TIMEOUT_S) -> int | None:
        """Wait until the server ends it; returns the close code, or the status of a poll."""
        if self.way == "socket":
            return await self.closed(within)
        assert self._reader is not None
        async with asyncio.timeout(within):
            await asyncio.wait([self._reader])
        return self.ending

    async def call(self, kind: str, **fields: Any) -> Event:
        """Send a command, by POST if there is no socket. Raises Refusal and Gone."""
        if self.way == "socket":
            return await super().call(kind, **fields)
        body = {"type": kind, "ref": str(next(self._refs)), **fields}
        async with self.http() as http:
            try:
                answer = await http.post("commands", json=body)
            except httpx.TransportError:
                raise Gone from None
        if not answer.is_success:
            raise Refused(answer)
        event: Event = answer.json()
        if event["type"] == "error":
            raise Refusal(event)
        return event

    def raws(self, *kinds: str) -> list[bytes]:
        """The received events of these types, as raw bytes."""
        found = [bytes(raw) for frame in self.frames for raw in parts(frame)]
        return [raw for raw in found if json.loads(raw)["type"] in kinds]

    async def _follow(self, frames: AsyncIterator[str]) -> None:
        try:
            async for frame in frames:
                self.frames.append(frame)
                content = json.loads(frame)
                for event in content if isinstance(content, list) else [content]:
                    self._receive(event)
                self._changed.set()
        finally:
            self._fail_pending()

    async def _listen(self, way: str) -> AsyncIterator[str]:
        async with self.http() as http:
            try:
                async for frame in self._stream(http) if way == "stream" else self._poll(http):
                    yield frame
            except httpx.TransportError as error:
                self.failure = error

    def _asking(self) -> Event:
        return {"type": "resume", "ref": "listen", **self.state.resume()}

    async def _stream(self, http: httpx.AsyncClient) -> AsyncIterator[str]:
        asking = http.stream("POST", "events/stream", json=self._asking())
        async with asking as answer:
            if not answer.is_success:
                self.ending = answer.status_code
                return
            last = False
            async for line in lines(answer):
                if line.startswith("event: close"):
                    last = True
                elif last and line.startswith("data: "):
                    self.ending = int(line.removeprefix("data: "))
                elif line.startswith("data: "):
                    yield line.removeprefix("data: ")

    async def _poll(self, http: httpx.AsyncClient) -> AsyncIterator[str]:
        after = ""
        for _ in count():
            query = {"after": after} if after else {}
            answer = await http.post("events", json=self._asking(), params=query, timeout=40)
            if not answer.is_success:
                self.ending = answer.status_code
                return
            after = answer.headers.get("Parley-Next", "")
            yield answer.text


async def lines(answer: httpx.Response) -> AsyncIterator[str]:
    """The lines of a response as they come, split at LF only."""
    rest = b""
    async for chunk in answer.aiter_bytes():
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.decode()


def parts(frame: str) -> list[msgspec.Raw]:
    """The events of a frame, not decoded."""
    return _raws.decode(frame if frame.startswith("[") else f"[{frame}]")


@pytest.fixture
async def listener() -> AsyncIterator[Callable[..., Listener]]:
    """`listener(server, user, way)`: a new device with that transport. All disconnect at the end of
    the test."""
    opened: list[Listener] = []

    def make(server: Server, user: User, way: str = "socket", *, key: str = "") -> Listener:
        made = Listener(server.url, key or database(session_of, user))
        made.way = way
        opened.append(made)
        return made

    yield make
    for each in opened:
        await each.cut()
