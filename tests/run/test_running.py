"""Deaths of a part: how long it waits before its next start, and when it has recovered."""

import selectors
import sys
from pathlib import Path

import pytest

from chatproject.run import running
from chatproject.run.errors import CannotRun
from chatproject.run.part import Part
from chatproject.run.running import DEATHS, Health, Running
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
    monkeypatch.setattr(running, "time", made)
    return made


def a_part(*command: str, without: str = "") -> Running:
    """A part that is never started by itself."""
    part = Part(name="part", command=command or (sys.executable, "-c", ""), without=without)
    return Running(part, selectors.DefaultSelector())


def test_waits_of_a_part_one_can_do_without_grow_to_a_minute(clock: Clock) -> None:
    part = a_part(without="something waits")
    waits = [part.died() for _ in range(12)]
    assert waits[:5] == [0.25, 0.5, 1, 2, 4]
    assert waits[-4:] == [60, 60, 60, 60]
    assert part.health is Health.TRIED_EVERY_MINUTE


def test_a_part_without_which_there_is_no_chat_gives_up(clock: Clock) -> None:
    part = a_part()
    for _ in range(DEATHS - 1):
        part.died()
    with pytest.raises(CannotRun, match="part died 5 times within a minute"):
        part.died()


def test_a_part_that_lives_for_a_minute_has_recovered(clock: Clock) -> None:
    part = a_part(without="something waits")
    for _ in range(DEATHS):
        part.died()
    clock.now += 10
    assert part.start_when_due() == ""
    clock.now += 59
    assert part.recovered_from() is None
    clock.now += 1
    assert part.recovered_from() is Health.KEEPS_DYING
    assert part.recovered_from() is None
    assert part.died() == 0.25
    part.signal(running.signal.SIGKILL)


def test_a_process_that_cannot_be_made_is_a_death(clock: Clock) -> None:
    part = a_part("/no/such/program", without="something waits")
    part.died()
    clock.now += 1
    assert part.start_when_due().startswith("no process: ")
    assert part.died() == 0.5


def test_a_status_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    Supervisor(tmp_path / "no" / "folder" / "status")._note()
