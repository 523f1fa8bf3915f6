"""People at work: `python -m chatproject.load.at_work` is a load process of them.

Each has three sessions of: open the list of chats, open a chat, write four messages. Between these
steps they pause, as people do. One of fifty signs in first: a session lasts for weeks, and checking
a password takes a quarter of a second of a processor by design.
"""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from time import perf_counter
from typing import Any
from uuid import uuid4

import msgspec
from msgspec import Struct

from chatproject.load.endpoint import Endpoint, source_address
from chatproject.load.fleet import serve, shares
from chatproject.load.framing import encode_frame
from chatproject.load.http import HttpClient
from chatproject.load.websocket import ConnectionRefused, EventSocket

SESSIONS = 3
SIGNS_IN = 50  # one of so many
SIGN_IN = "sign in"
MESSAGES = 4
# A request without a response for this long counts as an error.
TIMEOUT_S = 60.0
CREATED, OK = 201, 200
TEXTS = (
    "Good morning! Is the report for Thursday ready?",
    "I have looked at it: the second table lacks the last week.",
    "Thanks. I will be a few minutes late, please begin without me.",
    "The customer called again. Could somebody ring them back before noon, please?",
)


class Person(Struct, frozen=True):
    """A person, the chat that they write in, and the cookie of their session. Without one they sign
    in."""

    username: str
    chat: str
    cookie: str = ""


class Order(Struct, frozen=True):
    """Have these people work. `pause`: seconds between two steps, on average; `number`: of the
    first of them, for addresses."""

    port: int
    host: str
    public_url: str
    people: list[Person]
    password: str
    pause: float
    number: int = 0


class Outcome(Struct):
    """Seconds of all requests by kind, how often what went wrong, and acknowledged messages."""

    seconds: dict[str, list[float]]
    problems: dict[str, int]
    acknowledged: int


class _Entry(Struct, gc=False):
    seq: int


class _Chat(Struct, gc=False):
    id: str
    last_seq: int
    rev: int


class _Event(Struct, gc=False):
    """The fields of all events that matter here."""

    type: str
    ref: str | None = None
    code: str | None = None
    seq: int | None = None
    rev: int = 0
    chat: Any = None
    message: _Entry | None = None
    chats: list[_Chat] | None = None


_decoder: msgspec.json.Decoder[_Event | list[_Event]] = msgspec.json.Decoder(_Event | list[_Event])
RESUME = encode_frame(b'{"type":"resume","ref":"resume","epoch":null,"chats":{},"user":0}')


class Socket(EventSocket):
    """The live connection of a session. Checks that no entry of the chat is lost or repeated."""

    def __init__(self, *, endpoint: Endpoint, cookie: str, chat: str) -> None:
        super().__init__(endpoint=endpoint, cookie=cookie)
        self._chat = chat
        self.received = self._cursor = 0
        self.acknowledged: list[int] = []
        self.problems: Counter[str] = Counter()

    async def send(self, text: str) -> None:
        """Send a message. Returns with its acknowledgement; raises ConnectionRefused."""
        ref = str(uuid4())
        command = {"type": "send", "ref": ref, "chat": self._chat, "client_id": ref, "text": text}
        reply = self.reply(ref)
        self.transport.write(encode_frame(msgspec.json.encode(command)))
        await reply

    def decode(self, payload: bytes) -> _Event | list[_Event]:
        """Read a frame."""
        return _decoder.decode(payload)

    def lost(self) -> int:
        """Acknowledged messages of this connection that never came back on it."""
        return sum(seq > self.received for seq in self.acknowledged)

    def handle(self, event: _Event) -> None:
        """Handle one event."""
        match event.type:
            case "welcome":
                self.transport.write(RESUME)
            case "chats":
                for chat in event.chats or ():
                    if chat.id == self._chat:
                        self.received, self._cursor = chat.last_seq, chat.rev
            case "message" if event.message is not None and event.chat == self._chat:
                # A connection that is ahead of its process gets events again (docs/protocol.md).
                if event.rev > self._cursor:
                    self._cursor = event.rev
                    self._entry(event.message.seq)
            case "synced":
                self.settle("resume")
            case "ack" | "error":
                if event.seq is not None:
                    self.acknowledged.append(event.seq)
                self.settle(event.ref or "", event.code if event.type == "error" else None)

    def _entry(self, seq: int) -> None:
        if seq <= self.received:
            self.problems["repeated"] += 1
        else:
            self.problems["lost"] += seq - self.received - 1
            self.received = seq


class AtWork:
    """The people of one load process."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._seconds: defaultdict[str, list[float]] = defaultdict(list)
        self._problems: Counter[str] = Counter()
        self._acknowledged = 0

    async def run(self) -> Outcome:
        """Everybody arrives at a moment of their own in about the time of one session."""
        async with asyncio.TaskGroup() as group:
            for n, person in enumerate(self._order.people):
                group.create_task(self._work(person, self._order.number + n))
        problems = {name: count for name, count in self._problems.items() if count}
        return Outcome(self._seconds, problems, self._acknowledged)

    async def _work(self, person: Person, number: int) -> None:
        await asyncio.sleep(random.uniform(0, (MESSAGES + 2) * self._order.pause))  # noqa: S311  # nosec B311 # no secret
        # The server limits sign-ins by address.
        endpoint = Endpoint(
            self._order.port,
            self._order.host,
            self._order.public_url,
            source=source_address(number) if self._order.host.startswith("127.") else "",
        )
        client = HttpClient(endpoint)
        try:
            cookie = person.cookie or await self._sign_in(client, person)
            headers = {"Cookie": cookie, "Accept": "application/json"}
            for _ in range(SESSIONS):
                await self._session(endpoint, client, person, headers)
        except (ConnectionRefused, OSError, TimeoutError) as error:
            self._problems[f"{type(error).__name__}: {error}".removesuffix(": ")] += 1
        finally:
            client.close()

    async def _sign_in(self, client: HttpClient, person: Person) -> str:
        body = {"username": person.username, "password": self._order.password}
        async with self._timed(SIGN_IN):
            response = await client.request(
                "POST", "/api/v1/session", body=msgspec.json.encode(body)
            )
        if response.status != CREATED:
            raise ConnectionRefused(f"sign in: {response.status}")
        client.close()
        return "; ".join(f"{name}={value}" for name, value in response.cookies.items())

    async def _session(
        self, endpoint: Endpoint, client: HttpClient, person: Person, headers: dict[str, str]
    ) -> None:
        await self._pause()
        async with self._timed("open the list"):
            socket = await endpoint.connect(
                lambda: Socket(endpoint=endpoint, cookie=headers["Cookie"], chat=person.chat)
            )
            await socket.synced
        try:
            await self._pause()
            path = f"/api/v1/chats/{person.chat}/messages?limit=50"
            async with self._timed("open a chat"):
                response = await client.request("GET", path, headers=headers)
            if response.status != OK:
                raise ConnectionRefused(f"open a chat: {response.status}")
            # The server would, within the pause. What stays open are live connections.
            client.close()
            for text in random.sample(TEXTS, MESSAGES):  # nosec B311
                await self._pause()
                async with self._timed("send"):
                    await socket.send(text)
            await self._pause()
        finally:
            self._acknowledged += len(socket.acknowledged)
            self._problems += socket.problems
            self._problems["lost"] += socket.lost()
            socket.transport.abort()

    async def _pause(self) -> None:
        await asyncio.sleep(random.uniform(0.5, 1.5) * self._order.pause)  # noqa: S311  # nosec B311

    def _timed(self, kind: str) -> "_Timed":
        return _Timed(self._seconds[kind])


class _Timed:
    """Adds the seconds of the block to a list. Raises TimeoutError after TIMEOUT_S."""

    def __init__(self, seconds: list[float]) -> None:
        self._seconds = seconds
        self._timeout = asyncio.timeout(TIMEOUT_S)

    async def __aenter__(self) -> None:
        self._began = perf_counter()
        await self._timeout.__aenter__()

    async def __aexit__(self, *error: Any) -> None:
        self._seconds.append(perf_counter() - self._began)
        await self._timeout.__aexit__(*error)


async def _do(order: dict[str, Any]) -> Outcome:
    return await AtWork(msgspec.convert(order, Order)).run()


def orders(
    endpoint: Endpoint, people: Sequence[Person], *, count: int, password: str, pause: float
) -> list[Order]:
    """The orders for `count` load processes."""
    parts = shares(people, count)
    return [
        Order(
            port=endpoint.port,
            host=endpoint.host,
            public_url=endpoint.origin,
            people=list(part),
            password=password,
            pause=pause,
            number=number * len(parts[0]),
        )
        for number, part in enumerate(parts)
    ]


def percentile(seconds: list[float], share: float) -> float:
    """A percentile in milliseconds; 0 without values."""
    ordered = sorted(seconds)
    return 1000 * ordered[int(share * (len(ordered) - 1))] if ordered else 0.0


def merged(outcomes: list[Any]) -> Outcome:
    """The outcomes of several load processes as one."""
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    problems: Counter[str] = Counter()
    acknowledged = 0
    for each in outcomes:
        outcome = msgspec.convert(each, Outcome)
        for kind, values in outcome.seconds.items():
            seconds[kind] += values
        problems.update(outcome.problems)
        acknowledged += outcome.acknowledged
    return Outcome(seconds, dict(problems), acknowledged)


if __name__ == "__main__":
    serve(_do)
