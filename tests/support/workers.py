"""Celery workers and beat, with the database and broker of the running test."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chatproject.run import services
from chatproject.run.data_dir import DataDir
from chatproject.run.service import Service
from tests.support.processes import Process, end_all
from tests.support.servers import stores

PRODUCT = "chatproject"


class Workers:
    """Starts workers and beat; `end` stops them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.started: list[Process] = []

    def push(self, n: int = 1, *, app: str = PRODUCT, **environment: str) -> list[Process]:
        """Start `n` workers for the queue of pushes; `environment` adds settings. `app` is another
        Celery application, a variant of the product's."""
        return [
            self._begin(services.worker(f"push{i}", queue="push", threads=2), environment, app)
            for i in range(n)
        ]

    def tasks(self, **environment: str) -> Process:
        """Start a worker for all tasks but pushes, uploads and exports."""
        return self._begin(services.worker("tasks", queue="celery", threads=2), environment)

    def files(self, **environment: str) -> Process:
        """Start a worker for uploads and exports."""
        return self._begin(services.worker("files", queue="files", threads=3), environment)

    def hanging(self, **environment: str) -> Process:
        """Start a worker of that queue that also has hanging tasks (`hanging_worker`)."""
        service = services.worker("hanging", queue="push", threads=2)
        return self._begin(service, environment, "tests.support.hanging_worker")

    def beat(self, **environment: str) -> Process:
        """Start beat, which queues the periodic tasks, more often than in the product."""
        service = services.beat(DataDir(self._folder))
        return self._begin(service, environment, "tests.support.frequent_beat")

    def end(self) -> None:
        """Stop all of them."""
        end_all(self.started)

    def _begin(self, service: Service, environment: dict[str, str], app: str = PRODUCT) -> Process:
        whole = {**service.environment, **stores(), **environment}
        command = tuple(app if word == PRODUCT else word for word in service.command)
        process = Process(replace(service, command=command, environment=whole))
        self.started.append(process)
        process.launch()
        return process


@pytest.fixture
def workers(db: None, tmp_path: Path) -> Iterator[Workers]:
    """Workers and beat of this test."""
    started = Workers(tmp_path)
    yield started
    started.end()
