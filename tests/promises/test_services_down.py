"""Promise 17: with each service down under load, nothing is lost, refusals are quick and clear, and
all is well again soon after.

`--long` has every outage for `--down` seconds (two minutes) under `--load` of load L (all of it),
and then the promotion of a synchronous standby; each prints its line of figures, with `--outages`
those whose names begin so. Without it three outages take seconds.
"""

import asyncio
import shutil
import time
from collections import Counter
from contextlib import suppress
from uuid import uuid4

import httpx
import pytest

from tests.promises import outages, town
from tests.promises.test_pushes import SHORT_LEASES, known_of
from tests.support.client import CSRF
from tests.support.live import LOOSE, database
from tests.support.pushes import service
from tests.support.replicas import PostgresServer, url
from tests.support.seaweedfs import SeaweedFS
from tests.support.servers import stores
from tests.support.stores import start_valkey
from tests.support.workers import PRODUCT, workers

__all__ = ["service", "workers"]
WHOLE = {"lost": 0, "dup": 0, "gap": 0, "reorder": 0, "missing": 0}
SHORT = ("postgresql-hanging", "valkey-stopped", "push host-hanging")
BETWEEN_S = 5.0
RECOVERS_WITHIN_S = 90.0
# Without these nothing can be acknowledged.
NEEDED = ("postgresql", "pgbouncer", "proxy")
# A load balancer has noticed by /readyz.
NOTICED_S = 10.0


class Place:
    """The services of a town, and its outages."""

    def __init__(self, service, *, share: float, whole: bool) -> None:
        self.town = database(town.build, service, share)
        self.postgres, self.standby = PostgresServer(), PostgresServer()
        database(self.postgres.start)
        self.postgres.copy_database(database(stores)["DATABASE_URL"])
        self.valkey, redis_url = database(start_valkey)
        self.storage = SeaweedFS() if whole else None
        self.provider, self.mail = outages.StandIn(), outages.StandIn()
        self.workers_are_down = False
        # A short test does not wait for the claims of a killed worker.
        self.app = PRODUCT if whole else SHORT_LEASES
        self.push_host = outages.PushHost([each.phone for each in self.town.sleepers])
        self.settings = {
            **LOOSE,
            **known_of(service),
            "DATABASE_URL": url(self.postgres, self.standby),
            "REDIS_URL": redis_url,
            "OIDC_ISSUER": f"http://127.0.0.1:{self.provider.port}",
            "OIDC_CLIENT_ID": "parley",
            "OIDC_CLIENT_SECRET": "secret",
            "EMAIL_URL": f"smtp://127.0.0.1:{self.mail.port}",
        }
        if self.storage is not None:
            database(self.storage.start)
            self.settings |= self.storage.environment

    def start(self, fresh_servers, workers) -> None:
        """Start the product."""
        self.web = self.town.servers = fresh_servers(2, **self.settings)
        self.tasks = database(workers.tasks, **self.settings)
        self.push = database(workers.push, 1, app=self.app, **self.settings)
        self.files = [database(workers.files, **self.settings)] if self.storage else []
        self.beat = database(workers.beat, **self.settings)

    async def supervise(self) -> None:
        """Start workers and beat again when they end by themselves."""
        while True:
            await asyncio.sleep(1)
            if not self.workers_are_down:
                await outages.call(self._start_again)

    def _start_again(self) -> None:
        for process in (self.tasks, *self.push, *self.files, self.beat):
            process.launch_if_ended()

    def outages(self) -> list[outages.Outage]:
        """All of them, one after the other."""
        storage = self.storage
        stored = (
            [
                outages.Outage("storage", "stopped", storage.kill, storage.go_on),
                outages.Outage("storage", "hanging", storage.hang, storage.go_on),
            ]
            if storage
            else []
        )
        return [
            *outages.of("postgresql", self.postgres.store),
            *outages.of("valkey", self.valkey),
            *stored,
            *outages.of_processes("workers", self.tasks, *self.push, *self.files),
            *outages.of_processes("beat", self.beat),
            *outages.of_processes("web", self.web[0]),
            *outages.of("identity provider", self.provider),
            *outages.of("push host", self.push_host),
            *outages.of("mail server", self.mail),
            outages.Outage("promotion", "synchronous", self._prepare_standby, self._promote),
        ]

    def _prepare_standby(self) -> None:
        """From now on each commit waits for a standby."""
        self.standby.start(copy_of=self.postgres)
        self.postgres.require_standby()

    def _promote(self) -> None:
        """The primary is gone."""
        self.postgres.kill()
        self.standby.promote()
        self.postgres, self.standby = self.standby, self.postgres

    def end(self) -> None:
        """Stop the stores and delete what they hold."""
        for store in (self.postgres.store, self.valkey):
            store.go_on()
            store.stop()
        shutil.rmtree(self.standby.data_dir.root, ignore_errors=True)
        if self.storage is not None:
            self.storage.remove()


@pytest.fixture
def place(db, service, long, pytestconfig):
    made = Place(service, share=pytestconfig.getoption("load") if long else 0.05, whole=long)
    yield made
    database(made.end)


async def test_with_each_service_down_nothing_is_lost_and_all_comes_back(
    place, fresh_servers, workers, long, pytestconfig
):
    down_s = pytestconfig.getoption("down") if long else 3.0
    only = pytestconfig.getoption("outages")
    await asyncio.to_thread(place.start, fresh_servers, workers)
    await place.town.begin()
    await place.town.everybody_has_a_new_message(RECOVERS_WITHIN_S)
    await place.town.falls_silent(RECOVERS_WITHIN_S)  # the workers work
    place.town.writing.set()
    wrong = []
    supervising = asyncio.create_task(place.supervise())
    try:
        for outage in place.outages():
            if outage.name.startswith(only) if long else outage.name in SHORT:
                wrong += await suffer(place, outage, down_s)
                await asyncio.sleep(BETWEEN_S if long else 0)
    finally:
        supervising.cancel()
        await place.town.end()
    assert wrong == []


async def suffer(place, outage, down_s):
    """Have one outage. Returns what of it was wrong."""
    here = place.town
    acked, sent, refused = len(here.ledger.acked), here.ledger.sent, len(here.refusals)
    visits = Visits(place, outage.service)
    begun = time.time()
    place.workers_are_down = outage.service in ("workers", "beat")
    await outages.call(outage.begin)
    if outage.service == "web":
        # The load balancer.
        asyncio.get_running_loop().call_later(NOTICED_S, setattr, here, "servers", place.web[1:])
    async with visits:
        await asyncio.sleep(down_s)
        if outage.service not in NEEDED:
            with suppress(TimeoutError):
                async with asyncio.timeout(RECOVERS_WITHIN_S):
                    await here.ledger.has_acked(acked + 1)
    meanwhile = len(here.ledger.acked) - acked
    ended = time.time()
    await outages.call(outage.end)
    place.workers_are_down = False
    here.servers = place.web
    await here.everybody_has_a_new_message(RECOVERS_WITHIN_S)
    back_s = time.time() - ended
    await here.falls_silent(RECOVERS_WITHIN_S)
    delays = here.delays(begun, ended)
    seen = here.refusals[refused:]
    waits = sorted(seconds for _, seconds, code in seen if code == "unavailable")
    pushes, late_s, twice = here.pushes(begun, ended)
    here.ledger.injections += 1
    figures = {
        "down_s": f"{down_s:.0f}",
        "sent_here": here.ledger.sent - sent,
        "acked_while_down": meanwhile,
        "delivery_p50": f"{share(delays, 0.5):.2f}",
        "delivery_p99": f"{share(delays, 0.99):.2f}",
        "back_s": f"{back_s:.1f}",
        "seen": dict(Counter(code for _, _, code in seen)),
        "refused_p99": f"{share(waits, 0.99):.1f}",
        "pages": visits,
        "pushes": pushes,
        "late_s": f"{late_s:.0f}",
        "twice": twice,
    }
    faults = here.compare(outage.name, place.postgres.url, figures)
    here.writing.set()
    wrong = [f"{outage.name}: {name}={count}" for name, count in faults.items() if count]
    if outage.service not in NEEDED and not meanwhile:
        wrong.append(f"{outage.name}: nothing was acknowledged meanwhile")
    return wrong


class Visits:
    """Requests for pages that need the identity provider or the mail server, one after the other,
    until the block ends. As text: the statuses, and the longest time in seconds."""

    def __init__(self, place, service):
        self._place, self._service = place, service
        self.statuses = Counter()
        self.longest_s = 0.0

    async def __aenter__(self):
        self._visiting = asyncio.create_task(self._visit())

    async def __aexit__(self, *_):
        self._visiting.cancel()
        await asyncio.wait([self._visiting])

    def __str__(self):
        return f"{dict(self.statuses)}, at most {self.longest_s:.1f} s" if self.statuses else "-"

    async def _visit(self):
        while True:
            async with httpx.AsyncClient(
                base_url=self._place.web[1].url,
                cookies={"csrftoken": CSRF},
                headers={"X-CSRFToken": CSRF},
                timeout=60,
                trust_env=False,
            ) as http:
                begun = time.time()
                if self._service == "identity provider":
                    answer = await http.get("/accounts/sso/login")
                elif self._service == "mail server":
                    address = f"{uuid4().hex}@example.org"
                    answer = await http.post("/accounts/password/reset/", data={"email": address})
                else:
                    return
                self.longest_s = max(self.longest_s, time.time() - begun)
                self.statuses[answer.status_code] += 1
            await asyncio.sleep(1)


def share(ordered, part):
    """A percentile; 0 without values."""
    return ordered[int(part * (len(ordered) - 1))] if ordered else 0.0
