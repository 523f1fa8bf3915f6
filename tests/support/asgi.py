"""An ASGI application of a test, on a port and in a thread of its own."""

import asyncio
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

import uvicorn

from tests.support.ports import free_port

ENDS_WITHIN = 10.0


class _Announcing(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        self._ready.set()


class Served(ABC):
    """Serves its own `app` while `running`; `loop` is the thread's."""

    loop: asyncio.AbstractEventLoop

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._ready = threading.Event()
        config = uvicorn.Config(
            self.app,
            port=self.port,
            interface="asgi3",
            log_level="warning",
            ws="websockets-sansio",
            lifespan="off",
        )
        self._server = _Announcing(config, self._ready)
        self._thread = threading.Thread(target=self._run, daemon=True)

    @abstractmethod
    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        """ASGI."""

    @contextmanager
    def running(self) -> Iterator[Self]:
        """Serve until the block ends."""
        self._thread.start()
        assert self._ready.wait(ENDS_WITHIN)
        yield self
        self._server.should_exit = True
        self._thread.join(ENDS_WITHIN)

    def _run(self) -> None:
        async def main() -> None:
            self.loop = asyncio.get_running_loop()
            await self._server.serve()

        asyncio.run(main())
