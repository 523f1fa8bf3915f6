"""A part while it runs: its process, its output, and its history of deaths."""

import os
import selectors
import signal
import time
from enum import Enum
from subprocess import Popen, SubprocessError

from chatproject.run.errors import CannotRun
from chatproject.run.output import Lines
from chatproject.run.part import Part

# Five deaths in a minute are no accident.
DEATHS = 5
WITHIN = 60.0
FIRST_WAIT_S = 0.25
LONGEST_WAIT_S = 60.0


class Health(Enum):
    """How a part is doing, as far as its deaths tell."""

    RUNS = "runs"
    DIED = "died less than a minute ago, and was started again"
    KEEPS_DYING = "keeps dying; the waits before its next start grow"
    TRIED_EVERY_MINUTE = "dies at each start; it is tried once a minute"


class Running:
    """One part and the process that plays it now, if any."""

    def __init__(self, part: Part, selector: selectors.BaseSelector) -> None:
        self.part = part
        self._selector = selector
        self._lines = Lines(part.name, hush=part.hush)
        self._deaths: list[float] = []
        # Deaths in a row, each less than WITHIN after its start.
        self.deaths_in_a_row = 0
        self.health = Health.RUNS
        self._process: Popen[bytes] | None = None
        self._started = 0.0
        self._next_start = 0.0

    @property
    def process(self) -> int:
        """The number of the live process, 0 without one."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Start a process for the part."""
        self._started = time.monotonic()
        self._process = self.part.start()
        pipe = self._process.stdout
        assert pipe is not None  # nosec B101 # start() asks for a pipe
        os.set_blocking(pipe.fileno(), False)
        self._selector.register(pipe, selectors.EVENT_READ, self)

    def read(self) -> bool:
        """Show what the process has said; whether it said anything."""
        pipe = self._process.stdout if self._process else None
        if not pipe or pipe.closed:
            return False
        try:
            data = os.read(pipe.fileno(), 65536)
        except BlockingIOError:
            return False
        self._lines.feed(data)
        if not data:
            self._close()
        return bool(data)

    def exit_code(self) -> int | None:
        """How the process ended, once, just after it did; None while it runs or is gone."""
        code = self._process.poll() if self._process else None
        if code is not None:
            while self.read():
                pass
            self._close()
            self._lines.end()
            self._process = None
        return code

    def died(self) -> float:
        """Count a death; return how long to wait before the next start, at most LONGEST_WAIT_S.

        Raises CannotRun when a part without which there is no chat keeps dying.
        """
        now = time.monotonic()
        self._deaths = [when for when in self._deaths if now - when < WITHIN] + [now]
        if not self.part.without and len(self._deaths) >= DEATHS:
            raise CannotRun(
                f"{self.part.name} died {DEATHS} times within a minute; its last lines are above."
            )
        lived = now - self._started
        self.deaths_in_a_row = 1 if lived >= WITHIN else self.deaths_in_a_row + 1
        wait = min(FIRST_WAIT_S * 2.0 ** min(self.deaths_in_a_row - 1, 16), LONGEST_WAIT_S)
        if wait == LONGEST_WAIT_S:
            self.health = Health.TRIED_EVERY_MINUTE
        else:
            self.health = Health.KEEPS_DYING if self.deaths_in_a_row >= DEATHS else Health.DIED
        self._next_start = now + wait
        return wait

    def start_when_due(self) -> str:
        """Start again after a death, when its wait is over.

        Returns why no process could be started (no memory, no process number), "" otherwise.
        """
        if not self._next_start or time.monotonic() < self._next_start:
            return ""
        self._next_start = 0.0
        try:
            self.start()
        except (OSError, SubprocessError) as error:
            return f"no process: {error}"
        return ""

    def recovered_from(self) -> Health | None:
        """What a part that had died was like, once, when it has lived for WITHIN seconds since."""
        steady = self._process is not None and time.monotonic() - self._started >= WITHIN
        if self.health is Health.RUNS or not steady:
            return None
        before, self.health = self.health, Health.RUNS
        self.deaths_in_a_row = 0
        return before

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process, if there is one."""
        if self._process:
            self._process.send_signal(number)

    def _close(self) -> None:
        if self._process and self._process.stdout and not self._process.stdout.closed:
            self._selector.unregister(self._process.stdout)
            self._process.stdout.close()
