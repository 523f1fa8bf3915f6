"""The server itself, on a port and in a thread of its own."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from tests.realtime_client.scripted.asked import Asked
from tests.realtime_client.scripted.http import Http
from tests.realtime_client.scripted.sockets import Sockets
from tests.support.ports import free_port


class Announcing(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[Any] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        self._ready.set()


class ScriptedServer(Asked, Sockets, Http):
    """Static files, the socket and the few API paths a client needs, on one port."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.reset()
        config = uvicorn.Config(
            self.app,
            port=self.port,
            interface="asgi3",
            log_level="warning",
            ws="websockets-sansio",
            lifespan="off",
        )
        self._ready = threading.Event()
        self._server = Announcing(config, self._ready)
        self._thread = threading.Thread(target=self._run, daemon=True)

    @contextmanager
    def running(self) -> Iterator["ScriptedServer"]:
        """Serve until the block ends."""
        self._thread.start()
        assert self._ready.wait(10)
        yield self
        self._server.should_exit = True
        self._thread.join(10)

    def _run(self) -> None:
        async def main() -> None:
            self.loop = asyncio.get_running_loop()
            await self._server.serve()

        asyncio.run(main())

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        """ASGI."""
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
