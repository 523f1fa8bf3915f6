"""The stack under test: the product's PostgreSQL and Valkey, and one server at a time."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from chatproject.load.endpoint import Endpoint
from chatproject.run import postgres, valkey
from chatproject.run.data_dir import DataDir
from chatproject.run.service import Service

START_TIMEOUT_S = 60.0
# The same options as in `chatproject.run.web`.
UVICORN_FLAGS = (
    *("--loop", "uvloop", "--http", "httptools", "--ws", "websockets-sansio"),
    *("--ws-per-message-deflate", "false", "--no-access-log", "--log-level", "warning"),
)


class StartFailed(Exception):
    """A service did not start. The text is the end of its log."""


@dataclass(frozen=True)
class Stores:
    """PostgreSQL (with default durability) and Valkey, in a folder of their own."""

    data_dir: DataDir
    postgres: int
    valkey: int

    def url(self, database: str) -> str:
        """DATABASE_URL of one of the databases."""
        return postgres.url(self.data_dir).replace(f"/{postgres.NAME}?", f"/{database}?")

    def environment(self, database: str) -> dict[str, str]:
        """The environment of a server that uses these stores."""
        return {
            **os.environ,
            "DATABASE_URL": self.url(database),
            "REDIS_URL": valkey.url(self.data_dir),
            "SECRET_KEY": "bench-" * 10,
        }

    def make_database(self, name: str) -> None:
        """Create an empty database, replacing one of that name."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {name}")

    def count(self, *, database: str, table: str) -> int:
        """The number of rows in a table."""
        with psycopg.connect(self.url(database)) as connection:
            row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        return row[0] if row else 0


@contextmanager
def stores() -> Iterator[Stores]:
    """Start both stores. Stops and deletes them at the end."""
    folder = Path(tempfile.mkdtemp(prefix="parley-bench-"))
    data_dir = DataDir(folder)
    try:
        with _running(postgres.service(data_dir), folder) as database:
            _wait(lambda: postgres.ready(data_dir, database.pid), database, folder / "postgres.log")
            with _running(valkey.service(data_dir), folder) as redis:
                _wait(lambda: valkey.ready(data_dir), redis, folder / "valkey.log")
                yield Stores(data_dir, database.pid, redis.pid)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class Server:
    """Web processes on one port."""

    endpoint: Endpoint
    processes: tuple[int, ...]
    log: Path

    def log_tail(self) -> str:
        """The end of the log of the processes."""
        return _tail(self.log)


@contextmanager
def server(
    command: tuple[str, ...], *, environment: Mapping[str, str], processes: int = 1
) -> Iterator[Server]:
    """Run `processes` times `command --fd N` on one listening socket, until the end."""
    with socket.socket() as listener, tempfile.TemporaryDirectory() as folder:
        listener.bind(("127.0.0.1", 0))
        listener.listen(2048)
        endpoint = Endpoint(listener.getsockname()[1])
        service = Service(
            name="web",
            command=(*command, "--fd", str(listener.fileno())),
            environment={**environment, "PUBLIC_URL": endpoint.origin},
            sockets=(listener,),
            stop_signal=signal.SIGINT,
        )
        with _several(service, Path(folder), processes) as started:
            log = Path(folder) / "web.log"
            _wait(lambda: _responds(endpoint), started[0], log)
            yield Server(endpoint, tuple(process.pid for process in started), log)


def product_command() -> tuple[str, ...]:
    """The command of a web process of the product."""
    return (sys.executable, "-m", "chatproject.run.web")


def uvicorn_command(application: str) -> tuple[str, ...]:
    """The command that serves another application with the same options."""
    return (sys.executable, "-m", "uvicorn", application, *UVICORN_FLAGS)


@contextmanager
def _several(service: Service, folder: Path, count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    if count == 0:
        yield []
        return
    with _running(service, folder) as first, _several(service, folder, count - 1) as others:
        yield [first, *others]


@contextmanager
def _running(service: Service, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    with (folder / f"{service.name}.log").open("ab") as log:
        process = service.start(log)
        try:
            yield process
        finally:
            process.send_signal(service.stop_signal)
            try:
                process.wait(service.stop_timeout_s)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()


def _wait(is_up: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_TIMEOUT_S
    while not is_up():
        if process.poll() is not None or time.monotonic() > until:
            raise StartFailed(_tail(log))
        time.sleep(0.05)


def _tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-30:])


def _responds(endpoint: Endpoint) -> bool:
    client = http.client.HTTPConnection(endpoint.host, endpoint.port, timeout=START_TIMEOUT_S)
    try:
        client.request("GET", "/livez")
        return client.getresponse().status == 200
    except OSError:
        return False
    finally:
        client.close()
