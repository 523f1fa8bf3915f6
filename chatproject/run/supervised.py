"""A part while it runs: its process, its output, and its history of deaths."""

import os
import selectors
import signal
import time
from enum import Enum
from subprocess import Popen, SubprocessError

from chatproject.run.errors import StartupError
from chatproject.run.output import PrefixedOutput
from chatproject.run.service import Service

# Five deaths in a minute are no accident.
MAX_CRASHES = 5
CRASH_WINDOW_S = 60.0
MIN_BACKOFF_S = 0.25
MAX_BACKOFF_S = 60.0


class Health(Enum):
    """How a part is doing, as far as its deaths tell."""

    RUNNING = "runs"
    RESTARTED = "died less than a minute ago, and was started again"
    CRASH_LOOP = "keeps dying; the waits before its next start grow"
    RETRIED_EVERY_MINUTE = "dies at each start; it is tried once a minute"


class SupervisedService:
    """One part and the process that plays it now, if any."""

    def __init__(self, service: Service, selector: selectors.BaseSelector) -> None:
        self.service = service
        self._selector = selector
        self._lines = PrefixedOutput(service.name, hidden_lines=service.hidden_lines)
        self._crash_times: list[float] = []
        # Deaths in a row, each less than CRASH_WINDOW_S after its start.
        self.consecutive_crashes = 0
        self.health = Health.RUNNING
        self._process: Popen[bytes] | None = None
        self._started = 0.0
        self._next_start = 0.0

    @property
    def pid(self) -> int:
        """The number of the live process, 0 without one."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Start a process for the part."""
        self._started = time.monotonic()
        self._process = self.service.start()
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

    def record_crash(self) -> float:
        """Count a death; return how long to wait before the next start, at most MAX_BACKOFF_S.

        Raises StartupError when a part without which there is no chat keeps dying.
        """
        now = time.monotonic()
        self._crash_times = [when for when in self._crash_times if now - when < CRASH_WINDOW_S] + [
            now
        ]
        if not self.service.outage_effect and len(self._crash_times) >= MAX_CRASHES:
            raise StartupError(
                f"{self.service.name} died {MAX_CRASHES} times within a minute; "
                "its last lines are above."
            )
        lived = now - self._started
        self.consecutive_crashes = 1 if lived >= CRASH_WINDOW_S else self.consecutive_crashes + 1
        wait = min(MIN_BACKOFF_S * 2.0 ** min(self.consecutive_crashes - 1, 16), MAX_BACKOFF_S)
        if wait == MAX_BACKOFF_S:
            self.health = Health.RETRIED_EVERY_MINUTE
        else:
            self.health = (
                Health.CRASH_LOOP if self.consecutive_crashes >= MAX_CRASHES else Health.RESTARTED
            )
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

    def pop_recovery(self) -> Health | None:
        """The health before a recovery, once, after CRASH_WINDOW_S seconds without a crash."""
        steady = self._process is not None and time.monotonic() - self._started >= CRASH_WINDOW_S
        if self.health is Health.RUNNING or not steady:
            return None
        before, self.health = self.health, Health.RUNNING
        self.consecutive_crashes = 0
        return before

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process, if there is one."""
        if self._process:
            self._process.send_signal(number)

    def _close(self) -> None:
        if self._process and self._process.stdout and not self._process.stdout.closed:
            self._selector.unregister(self._process.stdout)
            self._process.stdout.close()
