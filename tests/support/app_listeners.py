"""An app that listens with its token, or with tickets, by any of the three transports."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from tests.support.apps import App
from tests.support.client import NO_AUTHORITIES, TIMEOUT_S
from tests.support.listeners import Listener
from tests.support.servers import Server


class AppListener(Listener):
    """A device without a cookie: it sends its token, or opens the connection with a ticket."""

    app: App
    by = "token"

    def credentials(self) -> dict[str, str]:
        """What it sends to open a connection."""
        return {} if self.by == "ticket" else self.bearer()

    def bearer(self) -> dict[str, str]:
        """The header with its access token."""
        return {"Authorization": f"Bearer {self.app.access}"}

    def http(self) -> httpx.AsyncClient:
        """A client that sends the token."""
        return httpx.AsyncClient(
            base_url=f"{self.server}/api/v1",
            headers=self.bearer(),
            timeout=TIMEOUT_S,
            trust_env=False,
            verify=NO_AUTHORITIES,
        )

    async def ticket(self) -> str:
        """A new ticket."""
        async with self.http() as http:
            answer = await http.post("tickets")
        assert answer.status_code == 201
        ticket: str = answer.json()["ticket"]
        return ticket

    async def open(self, **options: Any) -> Any:
        """Open a socket."""
        if self.by == "ticket":
            self.query = f"?ticket={await self.ticket()}"
        return await super().open(**{"origin": None, **options})

    async def _stream(self, http: httpx.AsyncClient) -> AsyncIterator[str]:
        if self.by != "ticket":
            async for frame in super()._stream(http):
                yield frame
            return
        given = {"ticket": await self.ticket()}
        address = f"{self.server}/api/v1"
        async with httpx.AsyncClient(
            base_url=address,
            params=given,
            timeout=TIMEOUT_S,
            trust_env=False,
            verify=NO_AUTHORITIES,
        ) as bare:
            async for frame in super()._stream(bare):
                yield frame


Listening = Callable[..., AppListener]


@pytest.fixture
async def listening() -> AsyncIterator[Listening]:
    """`listening(server, app, way, by)`: a connection of this app; all end with the test."""
    opened: list[AppListener] = []

    def make(server: Server, app: App, way: str = "socket", by: str = "token") -> AppListener:
        made = AppListener(server.url, "")
        made.app, made.way, made.by = app, way, by
        opened.append(made)
        return made

    yield make
    for each in opened:
        await each.cut()
