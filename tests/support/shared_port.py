"""Web processes that share one port, as under `make run`, and can be replaced while they serve."""

import signal
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from chatproject.run.data_dir import CHECKOUT
from chatproject.run.service import Service
from tests.support.epochs import keep_epoch
from tests.support.live import database
from tests.support.processes import Process, end_all
from tests.support.servers import stores


@dataclass
class SharedPort:
    """An address, and the processes that serve it. Looks like one server to devices."""

    environment: dict[str, str]
    program: str = "chatproject.run.web"
    processes: list[Process] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(2048)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def launch(self) -> Process:
        """Start one more process without waiting until it serves."""
        service = Service(
            name="web",
            command=(sys.executable, "-m", self.program, "--fd", str(self._listener.fileno())),
            environment={**self.environment, "PUBLIC_URL": self.url},
            cwd=CHECKOUT,
            sockets=(self._listener,),
            stop_signal=signal.SIGINT,
            ready_option="--ready-fd",
        )
        process = Process(service)
        self.processes.append(process)
        process.launch(says_ready=True)
        return process

    def replace(self, old: Process) -> Process:
        """Start a process, then ask an older one to drain, as a rolling restart does."""
        new = self.launch()
        new.wait_until_ready()
        old.drain()
        return new

    def end(self) -> None:
        """Stop all processes, and close the port."""
        end_all(self.processes)
        self._listener.close()


class SharedPorts:
    """Opens ports, and closes them with the test."""

    def __init__(self) -> None:
        self._opened: list[SharedPort] = []

    def __call__(self, n: int, *, program: str, **environment: str) -> SharedPort:
        """A port with `n` processes, on the database and the Valkey of this test."""
        return database(self._open, n, program, environment)

    def _open(self, n: int, program: str, environment: dict[str, str]) -> SharedPort:
        keep_epoch()
        opened = SharedPort({**stores(), "DATABASE_TIMEOUT": "10", **environment}, program)
        self._opened.append(opened)
        for process in [opened.launch() for _ in range(n)]:
            process.wait_until_ready()
        return opened

    def end(self) -> None:
        """Close all."""
        for each in self._opened:
            each.end()


@pytest.fixture
def open_port(db: None) -> Iterator[SharedPorts]:
    """`open_port(2, program=…)`: see `SharedPorts`."""
    ports = SharedPorts()
    yield ports
    database(ports.end)
