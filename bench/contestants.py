"""The contestants: the product and the references `stock` and `ceiling`."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from bench import people as population
from bench.load.frames import FrameFactory, MessageIds, event_frames, send_frames
from bench.people import People, Person
from bench.stack import Server, Stores, product_command, server, uvicorn_command
from chatproject.run.data_dir import CHECKOUT


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """A server under test: how it is started, and which frames its clients send."""

    name: str
    command: tuple[str, ...]
    settings: str | None = None
    people: str | None = None
    table: str = ""
    make_frame: Callable[[MessageIds], FrameFactory] = send_frames

    @property
    def stores_messages(self) -> bool:
        """Whether it stores messages and acknowledges them."""
        return bool(self.table)

    @contextmanager
    def serving(
        self, stores: Stores, *, processes: int, **settings: str
    ) -> Iterator[tuple[Server, People]]:
        """Run the server on a new database with people in it; `settings` are added to its own."""
        environment = stores.environment(self.name) | {
            "SENDS_PER_SECOND": "100000",
            "LOG_LEVEL": "WARNING",
            "PYTHONPATH": str(CHECKOUT),
            **settings,
        }
        if self.settings:
            environment["DJANGO_SETTINGS_MODULE"] = self.settings
        people = self._prepare(stores, environment)
        with server(self.command, environment=environment, processes=processes) as running:
            yield running, people

    def rows(self, stores: Stores) -> int:
        """The number of stored messages."""
        return stores.count(database=self.name, table=self.table) if self.table else 0

    def _prepare(self, stores: Stores, environment: Mapping[str, str]) -> People:
        if not self.people:
            return People(crowd=[Person("", "everybody")] * population.CROWD_SIZE)
        stores.make_database(self.name)
        subprocess.run(
            [sys.executable, "-m", "django", "migrate", "--run-syncdb", "--verbosity", "0"],
            env=environment,
            check=True,
        )
        return population.create_people(self.people, environment)


PRODUCT = Contestant(
    name="parley",
    command=product_command(),
    settings="chatproject.settings",
    people="bench.product.people",
    table="chats_message",
)
STOCK = Contestant(
    name="stock",
    command=uvicorn_command("bench.reference.stock.asgi:application"),
    settings="bench.reference.stock.settings",
    people="bench.reference.stock.people",
    table="stock_message",
)
CEILING = Contestant(
    name="ceiling",
    command=uvicorn_command("bench.reference.ceiling.asgi:application"),
    make_frame=event_frames,
)
EVERYBODY = {contestant.name: contestant for contestant in (PRODUCT, STOCK, CEILING)}
