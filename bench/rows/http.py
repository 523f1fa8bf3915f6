"""P12, HTTP: 16 clients that open a chat, read the list of chats, search, and post."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from uuid import uuid4

import psycopg

from bench import costs, profile
from bench.crowd import DATABASE, Crowd, serving
from bench.measure import percentile
from bench.options import Options
from bench.people import Person
from bench.report import Row, Target
from bench.stack import Server, Stores
from chatproject.load.http import HttpClient, Response

CLIENTS, TEAM, CHATS, HISTORY = 16, 4, 20, 50
READS, POSTS = Target(1_000), Target(1_500)
WARM_UP_S = 1.0
# So many of each kind, one at a time, while PostgreSQL logs all statements.
LOGGED = 50
CSRF = "bench" * 6 + "ok"
# Of the lines that PostgreSQL writes for a statement (parse, bind, execute), those that execute it.
EXECUTED = re.compile(rb"duration: \S+ ms  (?:execute|statement)")
DURATION = re.compile(rb"duration: (\S+) ms")
_row = partial(Row, row="P12")


@dataclass(frozen=True)
class Kind:
    """A kind of request. `count` returns how many things a response has; `expected` are right."""

    name: str
    path: str
    target: Target
    expected: int
    count: Callable[[dict[str, object]], int]
    posts: bool = False


def _items(body: dict[str, object]) -> int:
    items = body["items"]
    return len(items) if isinstance(items, list) else 0


def _found(body: dict[str, object]) -> int:
    found = body["messages"]
    return min(len(found), 1) if isinstance(found, list) else 0


KINDS = (
    Kind("open a chat", "chats/{chat}/messages?limit=50", READS, HISTORY, _items),
    Kind("list of chats", "chats", READS, CHATS, _items),
    Kind("search", "search?q=figures&kind=messages&in_chat={chat}", READS, 1, _found),
    Kind("post", "chats/{chat}/messages", POSTS, 1, lambda body: "seq" in body, posts=True),
)


class Client:
    """One client, which asks again as soon as it has its response."""

    def __init__(self, server: Server, person: Person) -> None:
        self._http = HttpClient(server.endpoint)
        self._person = person
        self._headers = {
            "Cookie": f"{person.cookie}; csrftoken={CSRF}",
            "X-CSRFToken": CSRF,
            "Origin": server.endpoint.origin,
        }
        self.wrong = 0
        self.posted = 0

    async def ask(self, kind: Kind) -> None:
        """Make a request, and check its response."""
        path = f"/api/v1/{kind.path.format(chat=self._person.chat)}"
        if kind.posts:
            body = f'{{"client_id":"{uuid4()}","text":"Another remark about these figures."}}'
            response = await self._http.request(
                "POST", path, body=body.encode(), headers=self._headers
            )
            self.posted += response.status == 201
        else:
            response = await self._http.request("GET", path, headers=self._headers)
        if not _right(kind, response):
            self.wrong += 1
            if self.wrong == 1:
                print(f"  {kind.name}: {response.status} {response.body[:200]!r}", flush=True)


def _right(kind: Kind, response: Response) -> bool:
    ok = response.status in (200, 201)
    return ok and kind.count(json.loads(response.body)) == kind.expected


async def run(stores: Stores, options: Options) -> list[Row]:
    """Each kind by itself, for a window; then a few of each, whose statements are counted."""
    if "parley" not in options.contestants:
        return []
    crowd = Crowd(chats=CLIENTS, size=TEAM, messages=HISTORY, chats_each=CHATS)
    rows: list[Row] = []
    with psycopg.connect(stores.url("postgres"), autocommit=True) as connection:
        # The command line has `fatal`, which leaves statements out.
        connection.execute("ALTER ROLE ALL SET log_min_messages = 'log'")
    with serving(stores, crowd, processes=options.processes, LIMITS_TIMES="10000") as (
        server,
        people,
    ):
        before = stores.count(database=DATABASE, table="chats_message")
        clients = [Client(server, person) for person in people[::TEAM]]
        measured = {kind: await _measured(kind, clients, server, stores, options) for kind in KINDS}
        statements = await _statements(clients[0], stores)
        posted = stores.count(database=DATABASE, table="chats_message") - before
    sound = not any(client.wrong for client in clients)
    sound = sound and posted == sum(client.posted for client in clients)
    for kind, (rate, cpu, p99) in measured.items():
        count, ms = statements[kind]
        row = partial(_row, sound=sound)
        rows += [
            row(metric=kind.name, value=rate, unit="/s", target=kind.target),
            row(metric=f"{kind.name}: p99", value=p99, unit="ms"),
            row(metric=f"{kind.name}: server + database", value=cpu, unit="CPU-ms"),
            row(metric=f"{kind.name}: queries", value=count, unit="statements"),
            row(metric=f"{kind.name}: in PostgreSQL", value=ms, unit="ms"),
        ]
    return rows


async def _measured(
    kind: Kind, clients: list[Client], server: Server, stores: Stores, options: Options
) -> tuple[float, float, float]:
    """Requests a second, milliseconds of processor time of each, and the 99th percentile."""
    await _for(WARM_UP_S, kind, clients)
    name = f"parley {kind.name}"
    with (
        profile.recording(name, server, options, windowed=False),
        costs.spent(server, stores) as spent,
    ):
        taken = await _for(options.seconds, kind, clients)
    print(f"  {name}: {spent}", flush=True)
    each = 1000 / max(len(taken), 1)
    cpu = each * (spent.server + spent.database)
    return len(taken) / spent.seconds, cpu, 1000 * percentile(sorted(taken), 0.99)


async def _for(seconds: float, kind: Kind, clients: list[Client]) -> list[float]:
    until = perf_counter() + seconds
    taken: list[float] = []

    async def one(client: Client) -> None:
        while (began := perf_counter()) < until:
            await client.ask(kind)
            taken.append(perf_counter() - began)

    tasks: list[Awaitable[None]] = [one(client) for client in clients]
    await asyncio.gather(*tasks)
    return taken


async def _statements(client: Client, stores: Stores) -> dict[Kind, tuple[float, float]]:
    """How many statements PostgreSQL executes for a request of each kind, and its milliseconds.
    Includes what the server asks by itself meanwhile, which is little."""
    found = {}
    log = stores.data_dir.root / "postgres.log"
    _log_statements(stores, "0")
    await asyncio.sleep(1)  # until all backends have read it
    for kind in KINDS:
        start = log.stat().st_size
        for _ in range(LOGGED):
            await client.ask(kind)
        lines = log.read_bytes()[start:]
        count = len(EXECUTED.findall(lines))
        found[kind] = count / LOGGED, sum(map(float, DURATION.findall(lines))) / LOGGED
    _log_statements(stores, "-1")
    return found


def _log_statements(stores: Stores, at_least_ms: str) -> None:
    with psycopg.connect(stores.url("postgres"), autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET log_min_duration_statement = {at_least_ms}")
        connection.execute("SELECT pg_reload_conf()")
