"""Listening and commands over HTTP, for clients that are refused a socket."""

import asyncio
import json
from typing import Any
from urllib.parse import parse_qs

from apps.wire import commands
from apps.wire.codec import decode
from tests.realtime_client.scripted.sockets import Socket, Sockets


class Listening(Sockets):
    """Streams and polls. A poll with nothing new waits until the client gives up."""

    def reset(self) -> None:
        """Forget everything between two tests."""
        super().reset()
        # The transports used so far, and the polls that wait; how many POSTs of commands came, and
        # their commands.
        self.listened: list[str] = []
        self.polls: list[asyncio.Event] = []
        self.posts = 0
        self.posted: list[commands.Command] = []
        # Faults: streams that end before a frame, and (when cleared) POSTs that hang.
        self.streams_end = False
        self.posts_pass = asyncio.Event()
        self.posts_pass.set()

    def let_posts_pass(self) -> None:
        """Reply to the POSTs that hang."""
        self.loop.call_soon_threadsafe(self.posts_pass.set)

    async def _by_http(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        person = self._who(scope)
        if self.down or person is None:
            await send({"type": "http.response.start", "status": 503, "headers": []})
            await send({"type": "http.response.body", "body": b""})
        elif scope["path"].endswith("/commands"):
            await self._post(Socket(person, send), scope, json.loads(body))
        elif scope["path"].endswith("/stream"):
            self.listened.append("stream")
            await self._stream(Socket(person, send), body.decode(), receive, send)
        elif b"after" in scope["query_string"]:
            assert parse_qs(scope["query_string"].decode())["after"] == ["all"]
            await self._poll_until_cut(receive, send)
        else:
            self.listened.append("poll")
            await self._gathered(Socket(person, send), [body.decode()], send, welcome=True)

    async def _poll_until_cut(self, receive: Any, send: Any) -> None:
        cut = asyncio.Event()
        self.polls.append(cut)
        gone = asyncio.ensure_future(receive())
        over = asyncio.ensure_future(cut.wait())
        await asyncio.wait((gone, over), return_when=asyncio.FIRST_COMPLETED)
        if over.done():
            await send({"type": "http.response.start", "status": 503, "headers": []})
            await send({"type": "http.response.body", "body": b""})
        for each in (gone, over):
            each.cancel()

    async def _cut(self, code: int) -> None:
        await super()._cut(code)
        polls, self.polls = self.polls, []
        for cut in polls:
            cut.set()

    async def _post(self, socket: Socket, scope: Any, given: Any) -> None:
        token = dict(scope["headers"]).get(b"x-csrftoken", b"").decode()
        if token != f"token of {socket.person}":
            headers = [(b"content-type", b"application/json")]
            await socket.send({"type": "http.response.start", "status": 403, "headers": headers})
            await socket.send({"type": "http.response.body", "body": b'{"code": "forbidden"}'})
            return
        self.posts += 1
        await self.posts_pass.wait()
        texts = [json.dumps(one) for one in (given if isinstance(given, list) else [given])]
        self.posted += map(decode, texts)
        await self._gathered(socket, texts, socket.send)

    async def _stream(self, socket: Socket, resume: str, receive: Any, send: Any) -> None:
        headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        if self.streams_end:
            await send({"type": "http.response.body", "body": b""})
            return
        ended = asyncio.Event()

        async def write(message: Any) -> None:
            if message["type"] == "websocket.close":
                ended.set()
            else:
                data = f"data: {message['text']}\n\n".encode()
                await send({"type": "http.response.body", "body": data, "more_body": True})

        socket.send = write
        self.sockets.append(socket)
        await self._write(socket, [self._welcome(socket.person)])
        await self._answer(socket, decode(resume))
        gone = asyncio.ensure_future(receive())
        over = asyncio.ensure_future(ended.wait())
        await asyncio.wait((gone, over), return_when=asyncio.FIRST_COMPLETED)
        socket.open = False
        if over.done():
            await send({"type": "http.response.body", "body": b""})
        for each in (gone, over):
            each.cancel()

    async def _gathered(
        self, socket: Socket, texts: list[str], send: Any, *, welcome: bool = False
    ) -> None:
        """Run commands, and respond with all events that follow."""
        said: list[Any] = []

        async def gather(message: Any) -> None:
            events = json.loads(message["text"])
            said.extend(events if isinstance(events, list) else [events])

        socket.send = gather
        if welcome:
            await self._write(socket, [self._welcome(socket.person)])
        for command in map(decode, texts):
            self.received.append(command)
            await self._answer(socket, command)
        headers = [(b"content-type", b"application/json"), (b"parley-next", b"all")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(said).encode()})
