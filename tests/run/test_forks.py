"""Workers and beat are forked, and processes of tests: as if they had been executed."""

import errno
import json
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from subprocess import Popen

import pytest

from chatproject.run import forks, services
from chatproject.run.data_dir import CHECKOUT
from chatproject.run.forks import Forked, ForkServer
from chatproject.run.service import Service
from chatproject.run.supervised import MAX_FORKED_CRASHES
from chatproject.run.supervisor import SuccessorFailed, Supervisor
from tests.support.forked_sample import NAME
from tests.support.forks import can_fork
from tests.support.processes import Process

SAMPLE = Service(
    name="sample",
    command=(sys.executable, "-m", "tests.support.forked_sample", "--word"),
    environment={NAME: "its own"},
    cwd=CHECKOUT,
    ready_option="--ready-fd",
)


def started(service: Service) -> dict:
    """What the process of `service` was started with."""
    process = Process(service)
    process.launch(says_ready=True)
    assert isinstance(process._process, Forked) == can_fork(service)
    with os.fdopen(process._ready) as ready:
        found = json.load(ready)
    assert process.wait(30) == 3
    assert process.wait(30) == 3
    process.drain()  # it has ended, so that nothing gets the signal
    assert process.log == "a line of its log\n"
    process.remove()
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")
def test_a_forked_process_starts_as_an_executed_one(monkeypatch):
    monkeypatch.setenv("HOME", "/changed after the fork server started")
    forked = started(SAMPLE)
    executed = started(replace(SAMPLE, preexec_fn=lambda: None))
    assert forked.pop("libraries")
    assert not executed.pop("libraries")
    assert len(forked["open"]) == 4
    # The number of the pipe differs.
    assert forked.pop("open")[:3] == executed.pop("open")[:3]
    assert forked.pop("argv") == ["--word", "--ready-fd"] == executed.pop("argv")
    assert forked.pop("parent") == os.getpid() == executed.pop("parent")
    assert forked == executed
    assert forked["readers"] == []


def test_a_killed_fork_reports_its_signal():
    process = Process(replace(SAMPLE, command=(sys.executable, "-m", "http.server", "0")))
    process.launch()
    process.kill9()
    assert process.wait(30) == -9
    process.remove()


@pytest.fixture
def worker_forks(monkeypatch: pytest.MonkeyPatch) -> Iterator[ForkServer]:
    """What `make run` forks workers from."""
    if sys.platform != "linux":
        pytest.skip("elsewhere nothing is forked")
    monkeypatch.setenv("DATABASE_URL", "postgresql:///none")
    monkeypatch.setenv("REDIS_URL", "redis://none")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    server = services.fork_server()
    assert server is not None
    yield server
    server.end()


def test_workers_share_what_they_import_and_nothing_else(worker_forks):
    service = replace(SAMPLE, command=(sys.executable, "-m", "tests.support.forked_worker"))
    processes = [worker_forks.start(service) for _ in range(3)]
    said = [json.loads(process.stdout.readline()) for process in processes]
    assert [process.wait(30) for process in processes] == [0, 0, 0]
    for each in said:
        assert each["apps"]
        # A default of a module that is not imported again.
        assert each["set"] == "1"
        # Settings change it.
        assert each["zone"] == "UTC"
        assert each["threads"] == 1
    # Their random ends: the beginnings are the time.
    assert len({id[-8:] for each in said for id in each["ids"]}) == 300


def test_a_supervisor_forks_while_it_can_and_executes_afterwards(worker_forks):
    supervisor = Supervisor()
    supervisor.fork_from(worker_forks, timeout_s=60)
    sleeping = replace(SAMPLE, command=(sys.executable, "-m", "http.server", "0"), is_forked=True)
    try:
        first = supervisor.start(sleeping)
        assert isinstance(first._process, Forked)
        worker_forks._process.kill()
        worker_forks._process.wait()
        second = supervisor.start(sleeping)
        assert isinstance(second._process, Popen)
        assert first.exit_code() is None
    finally:
        supervisor.stop()
    assert (first.pid, second.pid) == (0, 0)


def test_a_fork_server_that_hangs_is_ended(worker_forks, monkeypatch):
    monkeypatch.setattr(forks, "TIMEOUT_S", 0.2)
    worker_forks.start(replace(SAMPLE, command=(sys.executable, "-m", "this"))).wait(30)
    os.kill(worker_forks._process.pid, signal.SIGSTOP)
    open_before = len(os.listdir("/dev/fd"))
    with pytest.raises(TimeoutError):
        worker_forks.start(SAMPLE)
    assert worker_forks.has_ended
    assert len(os.listdir("/dev/fd")) == open_before - 1


def test_a_fork_that_fails_for_the_moment_starts_nothing():
    server = ForkServer(services.PYTHON_FOR_CELERY, ["tests.support.no_second_fork"], {})
    try:
        open_before = len(os.listdir("/dev/fd"))
        for _ in range(2):
            with pytest.raises(forks.ForkFailed):
                server.start(SAMPLE)
        assert len(os.listdir("/dev/fd")) == open_before
        assert server.is_ready
    finally:
        server.end()


def test_a_fork_that_cannot_be_watched_goes_on_with_nothing(worker_forks, monkeypatch):
    started: list[int] = []

    def opened(pid: int) -> int:
        started.append(pid)
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(forks.os, "pidfd_open", opened)
    with pytest.raises(OSError, match="Too many open files"):
        worker_forks.start(SAMPLE)
    [pid] = started
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_release_whose_imports_fail_leaves_the_fork_server_before_it(worker_forks):
    supervisor = Supervisor()
    supervisor.fork_from(worker_forks, timeout_s=60)
    try:
        broken = ForkServer(services.PYTHON_FOR_CELERY, ["no.such.module"], {})
        with pytest.raises(SuccessorFailed, match="Workers and beat do not start"):
            supervisor.fork_from(broken, timeout_s=60)
        assert worker_forks.is_ready
    finally:
        supervisor.stop()
    assert worker_forks.has_ended


def test_a_service_that_keeps_dying_is_executed(worker_forks):
    supervisor = Supervisor()
    supervisor.fork_from(worker_forks, timeout_s=60)
    service = replace(
        SAMPLE,
        command=(sys.executable, "-m", "http.server", "0"),
        is_forked=True,
        outage_effect="nothing is missed",
    )
    try:
        supervised = supervisor.start(service)
        supervised.consecutive_crashes = MAX_FORKED_CRASHES
        supervised.signal(signal.SIGKILL)
        supervised._process.wait(30)
        assert supervised.exit_code() == -signal.SIGKILL
        supervised.start()
        assert isinstance(supervised._process, Popen)
    finally:
        supervisor.stop()


def test_a_fork_server_of_a_release_that_says_other_things_is_ended(monkeypatch):
    monkeypatch.setattr(forks, "READY", b"ready 0")
    server = ForkServer(services.PYTHON_FOR_CELERY, [], {})
    with pytest.raises(ConnectionError):
        server.start(SAMPLE)
    assert server.has_ended
    assert not server.is_ready
