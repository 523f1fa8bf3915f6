"""Crashes of a service: the wait before its next start, and its recovery."""

import os
import selectors
import signal
import subprocess
import sys
from types import SimpleNamespace

import pytest

from chatproject.run import rolling_restart, supervised
from chatproject.run.errors import StartupError
from chatproject.run.service import Restart, Service
from chatproject.run.supervised import MAX_CRASHES, Health, SupervisedService
from chatproject.run.supervisor import StopRequested, SuccessorFailed, Supervisor


class Clock:
    """Replaces the clock of `supervised`."""

    now = 1.0

    def monotonic(self) -> float:
        """Seconds."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that the test moves."""
    clock = Clock()
    monkeypatch.setattr(supervised, "time", clock)
    return clock


def supervised_service(*command: str, outage_effect: str = "") -> SupervisedService:
    """A service that has not been started."""
    service = Service(
        name="service", command=command or (sys.executable, "-c", ""), outage_effect=outage_effect
    )
    return SupervisedService(
        service, selectors.DefaultSelector(), lambda each, ready, _: each.start(ready_fd=ready)
    )


def test_waits_of_a_non_essential_service_grow_to_a_minute(clock):
    service = supervised_service(outage_effect="something waits")
    waits = [service.record_crash() for _ in range(12)]
    assert waits[:5] == [0.25, 0.5, 1, 2, 4]
    assert waits[-4:] == [60, 60, 60, 60]
    assert service.health is Health.RETRIED_EVERY_MINUTE


def test_an_essential_service_gives_up_after_five_crashes(clock):
    service = supervised_service()
    for _ in range(MAX_CRASHES - 1):
        service.record_crash()
    with pytest.raises(StartupError, match="service died 5 times within a minute"):
        service.record_crash()


def test_a_service_has_recovered_after_a_minute_without_a_crash(clock):
    service = supervised_service(outage_effect="something waits")
    for _ in range(MAX_CRASHES):
        service.record_crash()
    clock.now += 10
    assert service.start_when_due() == ""
    clock.now += 59
    assert service.pop_recovery() is None
    clock.now += 1
    assert service.pop_recovery() is Health.CRASH_LOOP
    assert service.pop_recovery() is None
    assert service.record_crash() == 0.25
    service.signal(signal.SIGKILL)


def test_a_process_that_cannot_be_created_counts_as_a_crash(clock):
    service = supervised_service("/no/such/program", outage_effect="something waits")
    service.record_crash()
    clock.now += 1
    assert service.start_when_due().startswith("no process: ")
    assert service.record_crash() == 0.5


def test_an_unwritable_status_file_stops_nothing(tmp_path):
    Supervisor(tmp_path / "no" / "folder" / "status")._write_status()


@pytest.mark.parametrize(
    ("error", "goes_on"),
    [(SuccessorFailed("web does not start"), True), (StartupError("web-2 died 5 times"), False)],
)
def test_a_service_that_gives_up_during_a_restart_ends_the_supervisor(error, goes_on, tmp_path):
    """Otherwise it would never be started again, and nobody would know."""

    def replace(*_: object, **__: object) -> None:
        raise error

    web = SimpleNamespace(service=SimpleNamespace(restart=Restart.OVERLAP))
    supervisor = SimpleNamespace(services=[web], replace=replace)
    data_dir = SimpleNamespace(restart=tmp_path / "restart")
    if goes_on:
        rolling_restart.restart_services(supervisor, data_dir)
    else:
        with pytest.raises(StartupError):
            rolling_restart.restart_services(supervisor, data_dir)
    assert data_dir.restart.read_text() == str(error)


# Says that it serves, as a successor; a signal to drain does not end it.
DRAINING = """
import os, signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
if "--ready-fd" in sys.argv:
    os.write(int(sys.argv[-1]), b"r")
signal.pause()
"""
FAILING = "import sys, time; time.sleep(60) if len(sys.argv) == 1 else sys.exit(1)"


def overlapping(code: str) -> Service:
    """A service with this program, which is restarted by a second process."""
    return Service(
        name="web",
        command=(sys.executable, "-c", code),
        stop_signal=signal.SIGINT,
        restart=Restart.OVERLAP,
        ready_option="--ready-fd",
    )


def test_a_stop_during_a_restart_ends_also_the_process_that_drains(monkeypatch):
    """Its stores would be stopped under it."""
    supervisor = Supervisor()
    old = supervisor.start(overlapping(DRAINING))
    supervisor.wait_until(lambda _: old.last_line == "up", old, timeout_s=20)
    drain = supervisor.drain

    def interrupted(service: SupervisedService) -> None:
        supervisor._stop_requested = True
        drain(service)

    monkeypatch.setattr(supervisor, "drain", interrupted)
    try:
        with pytest.raises(StopRequested):
            supervisor.replace(old, timeout_s=20)
        assert old.pid == 0
        assert old not in supervisor.services
    finally:
        supervisor.stop()
        old.signal(signal.SIGKILL)


def test_a_successor_that_fails_leaves_nothing_open():
    supervisor = Supervisor()
    old = supervisor.start(overlapping(FAILING))
    try:
        before = len(os.listdir("/dev/fd"))
        with pytest.raises(SuccessorFailed):
            supervisor.replace(old, timeout_s=20)
        assert len(os.listdir("/dev/fd")) == before
        assert supervisor.services == [old]
    finally:
        supervisor.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which signals are caught")
def test_a_supervisor_that_the_signal_would_end_does_not_get_it():
    former = subprocess.Popen(["sleep", "60"])
    try:
        with pytest.raises(StartupError, match="stop it, and start it again"):
            rolling_restart.refuse_deaf(former.pid)
    finally:
        former.kill()
        former.wait()
    before = signal.signal(signal.SIGUSR1, lambda *_: None)
    try:
        rolling_restart.refuse_deaf(os.getpid())
    finally:
        signal.signal(signal.SIGUSR1, before)
