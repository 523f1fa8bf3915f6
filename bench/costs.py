"""What some work costs: processor time, and calls of Redis."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

import redis

from bench.stack import Server, Stores
from chatproject.load import processes
from chatproject.load.processes import Machine
from chatproject.run import valkey


@dataclass(kw_only=True)
class Costs:
    """Counters at one moment, or their differences over some work. Times are in seconds.

    `redis_calls`: commands, each call of a script being one, with those inside of it.
    `redis_reads`: how often Redis read from a connection, about once for each round trip.
    """

    seconds: float = 0.0
    server: float = 0.0
    database: float = 0.0
    redis: float = 0.0
    load: float = 0.0
    machine: float = 0.0
    redis_calls: float = 0.0
    redis_reads: float = 0.0

    @property
    def elsewhere(self) -> float:
        """Cores that other programs kept busy."""
        mine = self.server + self.database + self.redis + self.load
        return max(self.machine - mine, 0.0) / max(self.seconds, 0.001)

    def __str__(self) -> str:
        cores = ", ".join(
            f"{name} {getattr(self, name) / max(self.seconds, 0.001):.2f}"
            for name in ("server", "database", "redis", "load", "elsewhere")
        )
        return f"{self.seconds:.1f} s, cores: {cores}"


@contextmanager
def spent(server: Server, stores: Stores, load: Sequence[int] = ()) -> Iterator[Costs]:
    """The costs of the block, filled in at its end. `load`: processes of the load program besides
    this one."""
    found = Costs()
    before = _now(server, stores, load)
    yield found
    after = _now(server, stores, load)
    for name, value in vars(after).items():
        setattr(found, name, value - getattr(before, name))


def _now(server: Server, stores: Stores, load: Sequence[int]) -> Costs:
    with redis.Redis.from_url(valkey.url(stores.data_dir)) as client:
        info = client.info("stats")
    times = os.times()
    return Costs(
        seconds=perf_counter(),
        server=sum(map(processes.cpu_seconds, server.processes)),
        database=processes.cpu_seconds(stores.postgres),
        redis=processes.cpu_seconds(stores.valkey),
        load=times.user + times.system + sum(map(processes.cpu_seconds, load)),
        machine=Machine.now().busy,
        redis_calls=info["total_commands_processed"],
        redis_reads=info["total_reads_processed"],
    )
