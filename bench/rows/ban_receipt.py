"""X1, the receipt of a ban: how long everything takes to end, on two server processes."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping

import msgspec
import psycopg

from bench.load.client import ChatClient
from bench.load.clients import connect
from bench.options import Options
from bench.people import Person
from bench.report import Row, Target
from bench.stack import Stores, product_command, server

DATABASE = "ban"
CONNECTIONS = 20
WAIT_S = 30.0
CASES = {"Redis up": Target(2, at_most=True), "Redis dead": Target(6, at_most=True)}
RECORD = """
SELECT part.kind, sum(part.count), count(DISTINCT part.process) FILTER (WHERE part.process <> ''),
    max(extract(epoch FROM part.over_at - ending.begun_at))::float8
FROM accounts_endedaccess AS part
JOIN accounts_ending AS ending ON ending.id = part.ending_id
JOIN accounts_user AS person ON person.id = ending.user_id
WHERE person.username = %s
GROUP BY part.kind ORDER BY part.kind
"""
LIVE = "live connections"


async def run(stores: Stores, options: Options) -> list[Row]:
    """Ban a person who is connected to both processes; then another one, without Redis."""
    if "parley" not in options.contestants:
        return []
    environment = {
        **stores.environment(DATABASE),
        "DJANGO_SETTINGS_MODULE": "chatproject.settings",
    }
    names = [f"person{number}" for number in range(len(CASES))]
    people = await asyncio.to_thread(_people, stores, environment, names)
    rows = []
    with server(product_command(), environment=environment, processes=2) as running:
        for person in people:
            await connect(running.endpoint, [person] * CONNECTIONS, ChatClient)
        for case, name in zip(CASES, names, strict=True):
            if case == "Redis dead":
                os.kill(stores.valkey, signal.SIGKILL)
            rows.append(await _ban(stores, environment, case, name))
    return rows


def _people(stores: Stores, environment: Mapping[str, str], names: list[str]) -> list[Person]:
    stores.make_database(DATABASE)
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=environment, check=True)
    made = subprocess.run(
        [sys.executable, "-m", "bench.product.banned", *names],
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    return msgspec.json.decode(made.stdout, type=list[Person])


async def _ban(stores: Stores, environment: Mapping[str, str], case: str, name: str) -> Row:
    command = [sys.executable, "manage.py", "moderate", "ban", name, "--reason", "Spam"]
    await asyncio.to_thread(
        subprocess.run, command, env=environment, check=True, stdout=subprocess.DEVNULL
    )
    until = time.monotonic() + WAIT_S
    parts: dict[str, tuple[int, int, float]] = {}
    while parts.get(LIVE, (0, 0, 0))[0] < CONNECTIONS and time.monotonic() < until:
        await asyncio.sleep(0.1)
        parts = await asyncio.to_thread(_record, stores, name)
    for kind, (count, processes, after) in parts.items():
        where = f" in {processes} processes" if processes else ""
        print(f"  {case}: {kind}: {count}{where}, over after {after:.2f} s", flush=True)
    ended = parts.get(LIVE, (0, 0, 0))[0] == CONNECTIONS
    slowest = max((after for _, _, after in parts.values()), default=WAIT_S)
    return Row(
        row="X1",
        metric=f"ban, {case}: everything over",
        value=slowest if ended else WAIT_S,
        unit="s",
        target=CASES[case],
        sound=ended,
    )


def _record(stores: Stores, name: str) -> dict[str, tuple[int, int, float]]:
    with psycopg.connect(stores.url(DATABASE)) as connection:
        return {kind: (int(n), p, s) for kind, n, p, s in connection.execute(RECORD, [name])}
