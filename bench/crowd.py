"""People in chats of one size, and the product that serves them."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec

from bench.people import Person
from bench.stack import Server, Stores, product_command, server
from chatproject.run.data_dir import CHECKOUT

DATABASE = "crowd"
# One process may have 20,000 descriptors where this is measured. New connections do not spread
# evenly over the processes.
SOCKETS_PER_PROCESS = 15_000


@dataclass(frozen=True, kw_only=True)
class Crowd:
    """Chats of `size` people each, all with `password` (if it is empty: with none). They have
    `chats_each` chats in common (direct chats: one), each with a history of `messages`."""

    chats: int
    size: int
    password: str = ""
    messages: int = 0
    chats_each: int = 1


@contextmanager
def serving(
    stores: Stores, crowd: Crowd, *, processes: int, **settings: str
) -> Iterator[tuple[Server, list[Person]]]:
    """Run the product with these people in a new database. They come chat by chat. `settings` are
    added to its own."""
    environment = stores.environment(DATABASE) | {
        "DJANGO_SETTINGS_MODULE": "chatproject.settings",
        "LOG_LEVEL": "WARNING",
        "PYTHONPATH": str(CHECKOUT),
        "SENDS_PER_SECOND": "100000",
        **settings,
    }
    stores.make_database(DATABASE)
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=environment, check=True)
    made = subprocess.run(
        [sys.executable, "-m", "bench.product.chats"],
        env=environment,
        input=msgspec.json.encode(crowd),
        stdout=subprocess.PIPE,
        check=True,
    )
    people = msgspec.json.decode(made.stdout, type=list[Person])
    with server(product_command(), environment=environment, processes=processes) as running:
        yield running, people


def processes_for(people: int, wanted: int) -> int:
    """How many web processes so many sockets need, at least `wanted`."""
    return max(-(-people // SOCKETS_PER_PROCESS), wanted)
