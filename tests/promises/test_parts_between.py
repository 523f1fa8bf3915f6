"""Promises 16 and 17, of what stands between the parts in production: the proxy, PgBouncer, and a
Valkey with TLS and rights. Each is killed and started again, and hangs, for `--down` seconds under
`--load` of load L; then web processes, workers and beat are restarted one after the other. For
`make faults` only: each part works in tests/deployment and test_pgbouncer.py.
"""

import asyncio
import shutil
import tempfile
import time
from pathlib import Path

import pytest

from tests.promises import outages
from tests.promises.test_pushes import service
from tests.promises.test_services_down import (
    BETWEEN_S,
    RECOVERS_WITHIN_S,
    Place,
    suffer,
)
from tests.support.deployed import Deployed
from tests.support.live import database
from tests.support.pgbouncer import PgBouncer
from tests.support.processes import end_all
from tests.support.servers import Server
from tests.support.workers import PRODUCT, workers

__all__ = ["service", "workers"]
# For the pools of two web processes, workers and beat.
SERVER_SESSIONS = 20
DRAINS_WITHIN_S = 30.0


class Behind(Place):
    """A town whose people come through a proxy, and whose product reaches its stores through
    PgBouncer and TLS."""

    longest_exit_s = 0.0

    def __init__(self, service, *, share: float) -> None:
        super().__init__(service, share=share, whole=False)
        self.machine = Deployed(Path(tempfile.mkdtemp(prefix="parley-test-")))
        self.machine.create_secrets()
        self.machine.start_valkey()
        self.bouncer = PgBouncer(self.postgres.url, pool_size=SERVER_SESSIONS)
        database(self.bouncer.start)
        self.machine.url = f"http://127.0.0.1:{self.machine.ports['proxy']}"
        self.app = PRODUCT
        self.settings |= {
            "PUBLIC_URL": self.machine.url,
            "DATABASE_URL": self.bouncer.url,
            "PGBOUNCER": "true",
            "REDIS_URL": self.machine.secret("redis_url"),
            "TRUSTED_PROXIES": "127.0.0.1",
        }

    def start(self, fresh_servers, workers) -> None:
        """Start the product, and the proxy in front of it."""
        super().start(fresh_servers, workers)
        self.machine.start_proxy(*(each.url.removeprefix("http://") for each in self.web))
        self.machine.wait_for("proxy")
        self.processes, self.web = self.web, [self.machine] * 2
        self.town.servers = self.web

    def outages(self) -> list[outages.Outage]:
        """Of what stands between, and then the restart."""
        valkey, proxy = self.machine.started
        return [
            *outages.of_processes("proxy", proxy),
            *outages.of_processes("pgbouncer", self.bouncer),
            *outages.of_processes("valkey with TLS", valkey),
        ]

    def restart(self) -> None:
        """Have each process of the product drain and start again, one after the other."""
        for process in (*self.processes, self.tasks, *self.push, self.beat):
            begun = time.monotonic()
            process.drain()
            process.wait(DRAINS_WITHIN_S)
            self.longest_exit_s = max(self.longest_exit_s, time.monotonic() - begun)
            process.launch()
            if isinstance(process, Server):
                process.wait_until_ready()

    def end(self) -> None:
        """Stop what stands between, and the stores."""
        end_all(self.machine.started[::-1])
        self.bouncer.remove()
        super().end()
        shutil.rmtree(self.machine.folder, ignore_errors=True)


@pytest.fixture
def behind(db, service, long, pytestconfig):
    if not long:
        pytest.skip("needs minutes: make faults")
    made = Behind(service, share=pytestconfig.getoption("load"))
    yield made
    database(made.end)


async def test_what_stands_between_the_parts_may_go_and_come_back(
    behind, fresh_servers, workers, pytestconfig
):
    down_s = pytestconfig.getoption("down")
    only = pytestconfig.getoption("outages")
    await asyncio.to_thread(behind.start, fresh_servers, workers)
    await behind.town.begin()
    await behind.town.everybody_has_a_new_message(RECOVERS_WITHIN_S)
    await behind.town.falls_silent(RECOVERS_WITHIN_S)  # the workers work
    behind.town.writing.set()
    wrong = []
    supervising = asyncio.create_task(behind.supervise())
    try:
        for outage in behind.outages():
            if outage.name.startswith(only):
                wrong += await suffer(behind, outage, down_s)
                await asyncio.sleep(BETWEEN_S)
        behind.workers_are_down = True  # nothing but the restart starts them
        if "restart".startswith(only):
            restart = outages.Outage("rolling", "restart", behind.restart, lambda: None)
            wrong += await suffer(behind, restart, 0)
            print(f"the longest exit took {behind.longest_exit_s:.1f} s")
    finally:
        supervising.cancel()
        await behind.town.end()
    assert wrong == []
