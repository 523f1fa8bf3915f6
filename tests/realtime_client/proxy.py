"""A proxy between browser and server that can be cut, and that loses or doubles frames.

Playwright's `set_offline` does not reach a SharedWorker; this does.
"""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Self

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.support.asgi import Served
from tests.support.client import NO_AUTHORITIES

# Headers that name the address are rewritten; those of a hop are not passed on.
HOP = {"connection", "transfer-encoding", "content-length", "content-encoding", "host"}


class Proxy(Served):
    """Forwards HTTP and WebSocket to `server`, an http address that may be changed."""

    def __init__(self, server: str) -> None:
        super().__init__()
        self.server = server
        self.down = False
        # Whether pages and static files pass while it is down, as if from a browser's cache.
        self.pages_pass = False
        # What some proxies do: refuse upgrades, and hold responses back until they are complete.
        self.sockets_pass = True
        self.keeps_back = False
        self.sockets = 0
        # How often an event is forwarded to the browser.
        self.times: Callable[[dict[str, Any]], int] = lambda event: 1
        self._open: set[ClientConnection] = set()
        self._passing: dict[asyncio.Future[None], str] = {}
        self._http = httpx.AsyncClient(timeout=30, verify=NO_AUTHORITIES)

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Forward until the block ends; then close everything."""
        with super().running():
            yield self
            self.cut()

    def cut(self) -> None:
        """Drop every connection, and let none through until `mend`."""
        self.down = True
        for upstream in list(self._open):
            asyncio.run_coroutine_threadsafe(upstream.close(), self.loop).result(10)
        for passing, path in list(self._passing.items()):
            if self._cut_off(path):
                self.loop.call_soon_threadsafe(passing.cancel)

    def mend(self) -> None:
        """Let everything through again."""
        self.down = False

    def _cut_off(self, path: str) -> bool:
        return self.down and not (self.pages_pass and not path.startswith("/api/"))

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        """ASGI."""
        if scope["type"] == "http":
            await self._request(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await self._socket(scope, receive, send)

    def _headers(self, scope: Any) -> list[tuple[str, str]]:
        given = [
            (name.decode().lower(), value.decode("latin-1")) for name, value in scope["headers"]
        ]
        return [
            (name, value.replace(self.url, self.server))
            for name, value in given
            if name not in HOP and not name.startswith("sec-websocket")
        ]

    async def _request(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        path = scope["raw_path"].decode()
        if self._cut_off(path):
            await send({"type": "http.response.start", "status": 502, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        query = scope["query_string"].decode()
        request = self._http.build_request(
            scope["method"],
            self.server + (f"{path}?{query}" if query else path),
            headers=self._headers(scope),
            content=body,
        )
        passing = asyncio.ensure_future(self._answer(request, send))
        gone = asyncio.ensure_future(receive())
        self._passing[passing] = path
        await asyncio.wait((passing, gone), return_when=asyncio.FIRST_COMPLETED)
        del self._passing[passing]
        for each in (passing, gone):
            each.cancel()
        await asyncio.wait((passing, gone))
        if not passing.cancelled():
            passing.result()

    async def _answer(self, request: httpx.Request, send: Any) -> None:
        answer = await self._http.send(request, stream=True)
        try:
            if self.keeps_back:
                await answer.aread()
            headers = [
                (name.encode(), value.replace(self.server, self.url).encode("latin-1"))
                for name, value in answer.headers.multi_items()
                if name not in HOP
            ]
            status = answer.status_code
            await send({"type": "http.response.start", "status": status, "headers": headers})
            async for chunk in answer.aiter_bytes():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            await answer.aclose()

    async def _socket(self, scope: Any, receive: Any, send: Any) -> None:
        if self.down or not self.sockets_pass:
            await send({"type": "websocket.close"})
            return
        headers = dict(self._headers(scope))
        kept = {name: headers[name] for name in ("cookie", "origin") if name in headers}
        address = self.server.replace("http", "ws", 1) + scope["path"]
        async with connect(
            address, additional_headers=kept, max_size=None, user_agent_header=None
        ) as upstream:
            await send({"type": "websocket.accept"})
            self.sockets += 1
            self._open.add(upstream)
            down = asyncio.ensure_future(self._pass_down(upstream, send))
            while (message := await receive())["type"] == "websocket.receive":
                with suppress(ConnectionClosed):
                    await upstream.send(message["text"])
            self._open.discard(upstream)
        await down

    async def _pass_down(self, upstream: ClientConnection, send: Any) -> None:
        with suppress(ConnectionClosed):
            while True:
                frame = json.loads(await upstream.recv())
                events = frame if isinstance(frame, list) else [frame]
                passed = [event for event in events for _ in range(self.times(event))]
                if passed:
                    text = json.dumps(passed if len(passed) > 1 else passed[0])
                    await send({"type": "websocket.send", "text": text})
        self._open.discard(upstream)
        code = 1006 if self.down else upstream.close_code
        with suppress(RuntimeError):  # the browser has gone first
            await send({"type": "websocket.close", "code": code if code != 1006 else 1001})
