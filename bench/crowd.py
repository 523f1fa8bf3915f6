"""People in chats of one size, and the product that serves them."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from bench.options import Options
from bench.people import Person
from bench.stack import Server, Stores, product_command, server
from chatproject.run.data_dir import CHECKOUT

DATABASE = "crowd"


@contextmanager
def serving(
    stores: Stores, options: Options, *, chats: int, size: int
) -> Iterator[tuple[Server, list[Person]]]:
    """Run the product with so many chats of `size` people each, in a new database. The people come
    chat by chat."""
    environment = stores.environment(DATABASE) | {
        "DJANGO_SETTINGS_MODULE": "chatproject.settings",
        "LOG_LEVEL": "WARNING",
        "PYTHONPATH": str(CHECKOUT),
        "SENDS_PER_SECOND": "100000",
    }
    stores.make_database(DATABASE)
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=environment, check=True)
    made = subprocess.run(
        [sys.executable, "-m", "bench.product.chats", str(chats), str(size)],
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    people = msgspec.json.decode(made.stdout, type=list[Person])
    with server(product_command(), environment=environment, processes=options.processes) as running:
        yield running, people
