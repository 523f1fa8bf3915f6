"""Real Celery workers and beat, on the database and broker of the running test."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen, TimeoutExpired

import pytest

from chatproject.run import parts
from chatproject.run.part import Part
from chatproject.run.var import Var
from tests.support.servers import stores


class Process:
    """One part of the product, which can be killed and started again."""

    def __init__(self, part: Part) -> None:
        self._part = part
        handle, name = tempfile.mkstemp(prefix=f"parley-{part.name}-", suffix=".log")
        os.close(handle)
        self._log = Path(name)
        self._process: Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, without waiting."""
        with self._log.open("ab") as output:
            self._process = self._part.start(output)

    def kill9(self) -> None:
        """Kill it without a word of farewell."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """Ask it to stop, as a deployment does."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(self._part.stop_within)
            except TimeoutExpired:
                self.kill9()

    def remove(self) -> None:
        """Stop it, print its log (pytest shows it with a failure), and remove that."""
        self.stop()
        print(f"--- {self._part.name}\n{self._log.read_text(errors='replace')}")
        self._log.unlink()


class Workers:
    """Starts workers and beat, and ends them with the test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.started: list[Process] = []

    def push(self, n: int = 1, **environment: str) -> list[Process]:
        """`n` workers of the queue of pushes; `environment` adds settings."""
        return [
            self._begin(parts.worker(f"push{i}", queue="push", threads=2), environment)
            for i in range(n)
        ]

    def beat(self, **environment: str) -> Process:
        """The clock that makes workers look."""
        return self._begin(parts.beat(Var(self._folder)), environment)

    def end(self) -> None:
        """Stop all."""
        for process in self.started:
            process.remove()

    def _begin(self, part: Part, environment: dict[str, str]) -> Process:
        whole = {**part.environment, **stores(), **environment}
        process = Process(
            Part(
                name=part.name,
                command=part.command,
                folder=part.folder,
                environment=whole,
                stop_within=part.stop_within,
            )
        )
        self.started.append(process)
        process.start()
        return process


@pytest.fixture
def workers(db: None, tmp_path: Path) -> Iterator[Workers]:
    """Workers and beat of this test."""
    started = Workers(tmp_path)
    yield started
    started.end()
