"""A real PostgreSQL and a real Valkey for one test run, started as `make run` starts them."""

import atexit
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from subprocess import Popen

import psutil

from chatproject.run import postgres, valkey
from chatproject.run.data_dir import DataDir
from chatproject.run.service import Service


class Store:
    """One store in a folder of its own; stop() removes both."""

    def __init__(self, service: Service, ready: Callable[[int], bool], folder: Path) -> None:
        self.folder = folder
        self._service = service
        self._ready = ready
        self.process = self._start()
        atexit.register(self.stop)

    def restart(self) -> None:
        """Kill it and start it on the same socket: PostgreSQL keeps its data, Valkey loses it."""
        self.kill()
        self.start_again()

    def kill(self) -> None:
        """Send SIGKILL."""
        self.process.kill()
        self.process.wait()

    def start_again(self) -> None:
        """Start it after `kill`."""
        self.process = self._start()

    def hang(self) -> None:
        """Stop it with all its processes: they accept connections, and answer nothing."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Undo `hang`."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self.process.poll() is not None:
            return
        main = psutil.Process(self.process.pid)
        for each in [main, *main.children(recursive=True)]:
            with suppress(psutil.NoSuchProcess):
                each.send_signal(number)

    def stop(self) -> None:
        """Stop it; more than once does no harm."""
        if self.process.poll() is None:
            self.process.send_signal(self._service.stop_signal)
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> Popen[bytes]:
        log = self.folder / "log"
        with log.open("ab") as output:
            process = self._service.start(output)
        deadline = time.monotonic() + 60
        while not self._ready(process.pid):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self._service.name} does not start:\n{log.read_text()}")
            time.sleep(0.01)
        return process


def start_postgres() -> tuple[Store, str]:
    """A new, empty server and its DATABASE_URL."""
    data_dir = DataDir(Path(tempfile.mkdtemp(prefix="parley-test-")))
    service = postgres.service(data_dir, connections=280, throwaway=True)
    return Store(
        service, lambda process: postgres.ready(data_dir, process), data_dir.root
    ), postgres.url(data_dir)


def start_valkey() -> tuple[Store, str]:
    """A new server and its REDIS_URL."""
    data_dir = DataDir(Path(tempfile.mkdtemp(prefix="parley-test-")))
    return Store(
        valkey.service(data_dir), lambda _: valkey.ready(data_dir), data_dir.root
    ), valkey.url(data_dir)


def start_for_tests(*, controller: bool) -> Store:
    """Start what this process of a test run needs, and say so in its environment.

    PostgreSQL runs once and each xdist worker has a database in it; Valkey runs for each
    worker, since a flush or a channel is seen by everybody who shares one.
    """
    if controller or not os.environ.get("DATABASE_URL"):
        _, os.environ["DATABASE_URL"] = start_postgres()
    store, os.environ["REDIS_URL"] = start_valkey()
    return store
