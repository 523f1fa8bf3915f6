"""uvicorn's HTTP protocol, with a limit on the WebSockets that are opened at the same time."""

import logging
from collections import deque
from functools import partial
from weakref import WeakKeyDictionary

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, WebSocketScope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from apps.wire.close_codes import CloseCode
from chatproject.run.web_socket import LeanWebSocket

logger = logging.getLogger(__name__)

# A handshake keeps the event loop busy for a third of a millisecond. When everybody comes back at
# once, all that is ready runs before the next message is read. Twice a batch of sessions
# (`apps.realtime.gathered_reads`): one is read while the next comes together.
MAX_HANDSHAKES = 128
# The browser gives up after 15 s. After the second time it takes sockets for blocked, and uses a
# stream, which waits for no turn.
HANDSHAKE_WAIT_S = 12.0


class Arrivals:
    """The requests for a WebSocket of one server: some are in their handshake, others wait."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[HttpProtocol, float]] = deque()
        self._under_way = 0

    def add(self, protocol: "HttpProtocol") -> None:
        """Begin the handshake, now or in its turn."""
        protocol.waits_for_handshake = True
        self._waiting.append((protocol, protocol.loop.time() + HANDSHAKE_WAIT_S))
        self._begin()

    def end(self) -> None:
        """A handshake is over."""
        self._under_way -= 1
        self._begin()

    def _begin(self) -> None:
        while self._waiting and self._under_way < MAX_HANDSHAKES:
            protocol, until = self._waiting.popleft()
            protocol.waits_for_handshake = False
            if protocol.transport.is_closing():
                continue
            self._under_way += 1
            try:
                protocol.begin_handshake(self, late=protocol.loop.time() > until)
            except Exception:
                logger.exception("a handshake did not begin")
                # Its end ends the turn.
                protocol.transport.abort()


_arrivals: WeakKeyDictionary[ServerState, Arrivals] = WeakKeyDictionary()


async def come_back_later(
    scope: WebSocketScope, receive: ASGIReceiveCallable, send: ASGISendCallable
) -> None:
    """Accept a WebSocket, and close it with the code that spreads those who come back (an ASGI
    application). A refused handshake has no code that a browser could read."""
    await receive()
    await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
    await send({"type": "websocket.close", "code": CloseCode.RESTARTING, "reason": None})


class HttpProtocol(HttpToolsProtocol):
    """One connection, until it becomes a WebSocket."""

    waits_for_handshake = False

    def handle_websocket_upgrade(self) -> None:
        """Open a WebSocket when it is this one's turn."""
        if not self.url.isascii():
            self.send_400_response("Invalid HTTP request received.")
            return
        _arrivals.setdefault(self.server_state, Arrivals()).add(self)

    def begin_handshake(self, arrivals: Arrivals, *, late: bool) -> None:
        """Hand the connection over to the protocol of WebSockets, with the request as it was
        parsed. uvicorn writes it as text, which is parsed again. `late`: it is accepted, and told
        to come back."""
        self.connections.discard(self)
        web_socket = LeanWebSocket(
            config=self.config,
            server_state=self.server_state,
            app_state=self.app_state,
            # Not at once: of many that are refused, each would begin the next one.
            answered=partial(self.loop.call_soon, arrivals.end),
        )
        if late:
            web_socket.app = come_back_later
        web_socket.connection_made(self.transport)
        self.transport.set_protocol(web_socket)
        web_socket.open(self.scope["method"], self.url, self.headers)

    def data_received(self, data: bytes) -> None:
        """Read a request. Nothing may come between that for a WebSocket and its response."""
        if self.waits_for_handshake:
            self.transport.close()
        else:
            super().data_received(data)
