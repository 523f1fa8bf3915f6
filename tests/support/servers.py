"""Real server processes of the product, on the database of the running test."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from chatproject.run.address import Address
from chatproject.run.data_dir import CHECKOUT
from chatproject.run.probe import Probe
from chatproject.run.service import Service
from tests.support.epochs import keep_epoch
from tests.support.ports import free_port
from tests.support.processes import Process, end_all

START_TIMEOUT_S = 60.0
PROGRAM = "chatproject.run.web"


class Server(Process):
    """One web process under an address that outlives it; connections are refused while it is
    down. `host`: the name of this machine in its address. `checkout`: the code that it runs."""

    def __init__(
        self,
        environment: dict[str, str],
        program: str = PROGRAM,
        host: str = "127.0.0.1",
        *,
        checkout: Path = CHECKOUT,
    ) -> None:
        self.port = free_port()
        self.url = f"http://{host}:{self.port}"
        self.websocket_url = f"ws://127.0.0.1:{self.port}"
        super().__init__(
            Service(
                name=f"web:{self.port}",
                command=(sys.executable, "-m", program),
                environment={
                    "PUBLIC_URL": self.url,
                    **environment,
                    "HOST": "127.0.0.1",
                    "PORT": str(self.port),
                },
                cwd=checkout,
                stop_signal=signal.SIGINT,
            )
        )

    def wait_until_ready(self) -> None:
        """Return when /readyz answers. Raises RuntimeError with the log when it does not."""
        assert self._process is not None
        probe = Probe(Address("127.0.0.1", self.port), self._service.environment["PUBLIC_URL"])
        deadline = time.monotonic() + START_TIMEOUT_S
        while not probe.ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"The server does not start:\n{self.log}")
            time.sleep(0.02)

    def restart(self) -> None:
        """Stop it if it lives, and start it on the same address."""
        self.stop()
        self.launch()
        self.wait_until_ready()


class Servers:
    """Starts servers, and ends them with the test."""

    def __init__(self) -> None:
        self.started: list[Server] = []

    def __call__(
        self, n: int = 1, *, program: str = PROGRAM, host: str = "127.0.0.1", **environment: str
    ) -> list[Server]:
        """Start `n` servers on this test's database and Valkey; `environment` adds settings.
        `program` is a module that prepares a fault, then serves."""
        # Django empties all tables after a test that commits, this one, too.
        keep_epoch()
        fresh = [
            Server({**stores(), "DATABASE_TIMEOUT": "10", **environment}, program, host)
            for _ in range(n)
        ]
        self.started += fresh
        for server in fresh:
            server.launch()
        for server in fresh:
            server.wait_until_ready()
        return fresh

    def end(self) -> None:
        """Stop all."""
        end_all(self.started)


def stores() -> dict[str, str]:
    """Settings: the test's own database, which is not the one that the environment names."""
    url = urlsplit(os.environ["DATABASE_URL"])
    return {
        "DATABASE_URL": url._replace(path=f"/{connection.settings_dict['NAME']}").geturl(),
        "REDIS_URL": os.environ["REDIS_URL"],
    }


@pytest.fixture
def start_server(transactional_db: None) -> Iterator[Servers]:
    """`start_server(n=2)` gives that many fresh servers, ended with the test.

    What they printed is shown with a failure, as is all that a test prints.
    """
    servers = Servers()
    yield servers
    servers.end()


@pytest.fixture
def server(start_server: Servers) -> Server:
    """One fresh server."""
    return start_server()[0]
