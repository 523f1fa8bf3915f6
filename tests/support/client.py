"""A small client of the wire protocol, for tests against real servers.

It moves cursors as docs/protocol.md describes, resumes by itself when an event is missing, and
records every received frame.
"""

import asyncio
import json
import ssl
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Any
from uuid import uuid4

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.support.state import Event, State

TIMEOUT_S = 20.0
CSRF = "c" * 32
# Servers of tests have no TLS, and to load the authorities takes 27 ms for each client.
NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Refusal(Exception):
    """A command failed with this `error` event."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self.code: str = event["code"]
        super().__init__(f"{self.code}: {event['detail']}")


class Gone(Exception):
    """The connection ended before the reply came."""


class Device:
    """One device of one person: at most one connection, and the state it holds."""

    # The query string of the socket's address, with its question mark.
    query = ""

    def __init__(self, server: str, key: str, *, state: State | None = None) -> None:
        """`server` is an http address, `key` a session key."""
        self.server = server
        self.key = key
        self.state = state or State()
        self.frames: list[str] = []
        self.events: list[Event] = []
        self._pending: dict[str, asyncio.Future[Event]] = {}
        self._refs = count(1)
        self._changed = asyncio.Event()
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self.resumes = 0
        # Set while synced on a live connection.
        self.online = asyncio.Event()

    # -- connection -----------------------------------------------------------------------------

    def credentials(self) -> dict[str, str]:
        """The headers with which it connects."""
        return {"Cookie": f"parley={self.key}"}

    async def open(self, **options: Any) -> "Device":
        """Connect without a resume; `options` go to `websockets`."""
        address = self.server.replace("http", "ws", 1) + "/ws" + self.query
        settings = {"origin": self.server, "max_size": None, "open_timeout": TIMEOUT_S}
        self._socket = await connect(
            address,
            additional_headers=self.credentials(),
            compression=None,
            **(settings | options),
        )
        self._reader = asyncio.create_task(self._read(self._socket))
        return self

    async def join(self, **options: Any) -> "Device":
        """Connect, resume from the held state, and return when it is synced."""
        place = len(self.events)
        await self.open(**options)
        await self.until(lambda event: event["type"] == "welcome", since=place)
        await self.resume()
        self.online.set()
        return self

    async def resume(self) -> Event:
        """Send `resume`; its ack comes after `synced`."""
        self.resumes += 1
        return await self.call("resume", **self.state.resume())

    async def leave(self) -> None:
        """Close with a close frame, as a browser does."""
        if self._socket:
            await self._socket.close()
        await self._ended()

    async def cut(self) -> None:
        """Disconnect without a close frame, as when the network fails."""
        if self._socket:
            self._socket.transport.abort()
        await self._ended()

    async def closed(self, within: float = TIMEOUT_S) -> int | None:
        """Wait until the server closes; returns the close code."""
        assert self._socket is not None
        async with asyncio.timeout(within):
            await self._socket.wait_closed()
        return self._socket.close_code

    async def lost(self, within: float) -> bool:
        """Whether the server ends the connection within so many seconds."""
        assert self._reader is not None
        done, _ = await asyncio.wait([self._reader], timeout=within)
        return bool(done)

    def stop_reading(self) -> None:
        """Stop reading; received data stays in the kernel's buffers."""
        assert self._socket is not None
        self._socket.transport.pause_reading()

    def read_again(self) -> None:
        """Undo `stop_reading`."""
        assert self._socket is not None
        self._socket.transport.resume_reading()

    # -- asking ---------------------------------------------------------------------------------

    async def say(self, frame: str | bytes) -> None:
        """Send a raw frame. Raises Gone."""
        try:
            if self._socket is None:
                raise Gone
            await self._socket.send(frame)
        except ConnectionClosed:
            self.online.clear()
            raise Gone from None

    async def say_text(self, data: bytes) -> None:
        """Send these bytes as a text frame, even if they are not UTF-8."""
        assert self._socket is not None
        await self._socket.send(data, text=True)

    async def call(self, kind: str, **fields: Any) -> Event:
        """Send a command and return its ack. Raises Refusal, or Gone when the connection ends."""
        ref = fields.pop("ref", None) or str(next(self._refs))
        # Astral characters as they are: escaped, the longest text would not fit into a frame.
        body = json.dumps({"type": kind, "ref": ref, **fields}, ensure_ascii=False)
        answer = asyncio.get_running_loop().create_future()
        self._pending[ref] = answer
        await self.say(body)
        async with asyncio.timeout(TIMEOUT_S):
            event = await answer
        if event["type"] == "error":
            raise Refusal(event)
        return event

    async def send(self, chat: object, text: str, client_id: object = None) -> Event:
        """Send a text; returns its ack."""
        return await self.call(
            "send", chat=str(chat), client_id=str(client_id or uuid4()), text=text
        )

    # -- waiting --------------------------------------------------------------------------------

    async def until(
        self,
        wanted: Callable[[Event], bool],
        *,
        since: int | None = None,
        within: float = TIMEOUT_S,
    ) -> Event:
        """Wait for the first event that is `wanted`, among those from number `since` on (all, if
        None)."""
        place = since or 0
        async with asyncio.timeout(within):
            while True:
                for event in self.events[place:]:
                    if wanted(event):
                        return event
                place = len(self.events)
                await self._wait_for_change()

    async def knows(self, condition: Callable[[State], bool], within: float = TIMEOUT_S) -> None:
        """Wait until the state fulfils `condition`."""
        async with asyncio.timeout(within):
            while not condition(self.state):
                await self._wait_for_change()

    async def has(self, chat: object, last_seq: int, within: float = TIMEOUT_S) -> None:
        """Wait until the state has the timeline of a chat up to `last_seq`."""

        def reached(state: State) -> bool:
            return state.chats.get(str(chat), {}).get("last_seq", 0) >= last_seq

        await self.knows(reached, within)

    def of_type(self, *kinds: str) -> list[Event]:
        """All received events of these types."""
        return [event for event in self.events if event["type"] in kinds]

    def http(self) -> httpx.AsyncClient:
        """The same person's session over HTTP."""
        return api(self.server, self.key)

    # -- inside ---------------------------------------------------------------------------------

    async def _wait_for_change(self) -> None:
        # One that was cancelled is being replaced: the device connects again.
        if self._reader and self._reader.done() and not self._reader.cancelled():
            self._reader.result()  # raises what was wrong with an event
        self._changed.clear()
        await self._changed.wait()

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for frame in socket:
                assert isinstance(frame, str), "the server sent a binary frame"
                self.frames.append(frame)
                content = json.loads(frame)
                for event in content if isinstance(content, list) else [content]:
                    self._receive(event)
                self._changed.set()
        except ConnectionClosed:
            pass
        finally:
            self._fail_pending()

    def _fail_pending(self) -> None:
        self.online.clear()
        for answer in self._pending.values():
            if not answer.done():
                answer.set_exception(Gone())
                answer.exception()  # mark it as retrieved, also if no caller waits
        self._pending.clear()
        # Once the reader task, whose last step this is, has ended.
        asyncio.get_running_loop().call_soon(self._changed.set)

    def _receive(self, event: Event) -> None:
        self.events.append(event)
        if event["type"] in ("ack", "error"):
            answer = self._pending.pop(event.get("ref", ""), None)
            if answer is not None and not answer.done():
                answer.set_result(event)
        if self.state.apply(event) and self.state.synced:
            # Only one resume at a time.
            self.state.synced = False
            self._repair = asyncio.create_task(self._resume_again())

    async def _resume_again(self) -> None:
        with suppress(Gone):
            await self.resume()

    async def _ended(self) -> None:
        if self._reader:
            await self._reader
        self._socket = self._reader = None


def api(server: str, key: str) -> httpx.AsyncClient:
    """A signed-in HTTP client with its CSRF token, for paths under /api/v1."""
    return httpx.AsyncClient(
        base_url=f"{server}/api/v1",
        cookies={"parley": key, "csrftoken": CSRF},
        headers={"X-CSRFToken": CSRF},
        timeout=TIMEOUT_S,
        trust_env=False,
        verify=NO_AUTHORITIES,
    )
