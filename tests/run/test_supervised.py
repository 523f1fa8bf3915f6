"""Deaths of a part: how long it waits before its next start, and when it has recovered."""

import selectors
import sys
from pathlib import Path

import pytest

from chatproject.run import supervised
from chatproject.run.errors import StartupError
from chatproject.run.service import Service
from chatproject.run.supervised import MAX_CRASHES, Health, SupervisedService
from chatproject.run.supervisor import Supervisor


class Clock:
    """The clock of `running`."""

    now = 1.0

    def monotonic(self) -> float:
        """Seconds."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Time that passes when the test says so."""
    made = Clock()
    monkeypatch.setattr(supervised, "time", made)
    return made


def supervised_service(*command: str, outage_effect: str = "") -> SupervisedService:
    """A part that is never started by itself."""
    service = Service(
        name="service", command=command or (sys.executable, "-c", ""), outage_effect=outage_effect
    )
    return SupervisedService(service, selectors.DefaultSelector())


def test_waits_of_a_part_one_can_do_without_grow_to_a_minute(clock: Clock) -> None:
    service = supervised_service(outage_effect="something waits")
    waits = [service.record_crash() for _ in range(12)]
    assert waits[:5] == [0.25, 0.5, 1, 2, 4]
    assert waits[-4:] == [60, 60, 60, 60]
    assert service.health is Health.RETRIED_EVERY_MINUTE


def test_a_part_without_which_there_is_no_chat_gives_up(clock: Clock) -> None:
    service = supervised_service()
    for _ in range(MAX_CRASHES - 1):
        service.record_crash()
    with pytest.raises(StartupError, match="service died 5 times within a minute"):
        service.record_crash()


def test_a_part_that_lives_for_a_minute_has_recovered(clock: Clock) -> None:
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
    service.signal(supervised.signal.SIGKILL)


def test_a_process_that_cannot_be_made_is_a_death(clock: Clock) -> None:
    service = supervised_service("/no/such/program", outage_effect="something waits")
    service.record_crash()
    clock.now += 1
    assert service.start_when_due().startswith("no process: ")
    assert service.record_crash() == 0.5


def test_a_status_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    Supervisor(tmp_path / "no" / "folder" / "status")._note()
