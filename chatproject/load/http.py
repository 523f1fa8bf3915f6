"""An HTTP/1.1 client with one connection, as far as load clients need it."""

import asyncio
from dataclasses import dataclass, field

import httptools

from chatproject.load.endpoint import Endpoint


@dataclass
class Response:
    """A complete response."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies that it sets."""
        found = (value for name, value in self.headers if name.lower() == "set-cookie")
        return dict(each.split(";", 1)[0].split("=", 1) for each in found)


class HttpClient(asyncio.Protocol):
    """Sends one request after the other, and keeps the connection."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Response] | None = None
        self._parser: httptools.HttpResponseParser
        self._response: Response

    async def request(
        self, method: str, path: str, *, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> Response:
        """The response to a request. Raises OSError when the connection ends before it."""
        transport = self._transport
        if transport is None or transport.is_closing():
            await self._endpoint.connect(lambda: self)
            transport = self._transport
        if transport is None:
            raise ConnectionResetError("the server hung up")
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._endpoint.authority}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        if body or method == "POST":
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        self._parser = httptools.HttpResponseParser(self)
        self._response = Response()
        self._waiting = asyncio.get_running_loop().create_future()
        transport.write("\r\n".join([*lines, "", ""]).encode() + body)
        return await self._waiting

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Keep the transport."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Parse a part of the response."""
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self.connection_lost(OSError(str(error)))

    def connection_lost(self, error: Exception | None) -> None:
        """Fail the request that is under way."""
        self._transport = None
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error or ConnectionResetError("the server hung up"))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        self._response.headers.append((name.decode("latin-1"), value.decode("latin-1")))

    def on_body(self, part: bytes) -> None:
        """Called by the parser."""
        self._response.body += part

    def on_message_complete(self) -> None:
        """Called by the parser."""
        self._response.status = self._parser.get_status_code()
        if self._transport is not None and not self._parser.should_keep_alive():
            self._transport.close()
            self._transport = None
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(self._response)
