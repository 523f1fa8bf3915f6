"""A service under supervision: its process, its output, its crashes and restarts."""

import os
import selectors
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from subprocess import Popen, SubprocessError, TimeoutExpired

from chatproject.run.errors import StartupError
from chatproject.run.forks import Forked
from chatproject.run.output import PrefixedOutput
from chatproject.run.service import Service

# This many crashes within this time count as a crash loop.
MAX_CRASHES = 5
CRASH_WINDOW_S = 60.0
# After so many crashes in a row, a service is executed: a fork may be what does not work.
MAX_FORKED_CRASHES = 2
MIN_BACKOFF_S = 0.25
MAX_BACKOFF_S = 60.0
KILL_TIMEOUT_S = 5.0


Starter = Callable[[Service, int | None, bool], "Popen[bytes] | Forked"]
"""Starts a process of a service, which gets the end of a pipe for `ready_option`, if any. The last
argument says whether it may be forked."""


class Health(Enum):
    """The state of a service, judged by its crashes. The values are shown to people."""

    RUNNING = "runs"
    RESTARTED = "died less than a minute ago, and was started again"
    CRASH_LOOP = "keeps dying; the waits before its next start grow"
    RETRIED_EVERY_MINUTE = "dies at each start; it is tried once a minute"


class SupervisedService:
    """A service and its current process, if it has one."""

    def __init__(
        self,
        service: Service,
        selector: selectors.BaseSelector,
        start_process: Starter,
    ) -> None:
        self.service = service
        self._selector = selector
        self._start_process = start_process
        self._output = PrefixedOutput(service.name, hidden_lines=service.hidden_lines)
        self._crash_times: list[float] = []
        # Crashes in a row, each less than CRASH_WINDOW_S after the start.
        self.consecutive_crashes = 0
        self.health = Health.RUNNING
        # Whether its end is awaited, and no crash.
        self.draining = False
        self._process: Popen[bytes] | Forked | None = None
        self._started = 0.0
        self._next_start = 0.0
        self._ready_pipe = -1

    @property
    def pid(self) -> int:
        """The process id, or 0 without a process."""
        return self._process.pid if self._process else 0

    @property
    def last_line(self) -> str:
        """The last line of its output that was printed; empty before the first."""
        return self._output.last_line

    def start_as_successor(self) -> None:
        """Start a process of which `says_ready` will know when it serves."""
        self._ready_pipe, theirs = os.pipe()
        os.set_blocking(self._ready_pipe, False)
        try:
            self.start(ready_fd=theirs)
        finally:
            os.close(theirs)

    def says_ready(self) -> bool:
        """Whether the successor has said that it serves. It says so once."""
        try:
            ready = os.read(self._ready_pipe, 1) != b""
        except BlockingIOError:
            return False
        if ready:
            self._close_ready_pipe()
        return ready

    def discard(self) -> None:
        """Kill a successor that does not serve."""
        self._close_ready_pipe()
        if self._process:
            self._process.kill()
            with suppress(TimeoutExpired):
                self._process.wait(KILL_TIMEOUT_S)
            self.exit_code()

    def start(self, *, ready_fd: int | None = None) -> None:
        """Start a process."""
        self._started = time.monotonic()
        self._next_start = 0.0
        may_fork = self.consecutive_crashes < MAX_FORKED_CRASHES
        self._process = self._start_process(self.service, ready_fd, may_fork)
        pipe = self._process.stdout
        assert pipe is not None  # nosec B101 # start() asks for a pipe
        os.set_blocking(pipe.fileno(), False)
        self._selector.register(pipe, selectors.EVENT_READ, self)

    def read_output(self) -> bool:
        """Print pending output of the process. Returns whether there was any."""
        pipe = self._process.stdout if self._process else None
        if not pipe or pipe.closed:
            return False
        try:
            data = os.read(pipe.fileno(), 65536)
        except BlockingIOError:
            return False
        self._output.feed(data)
        if not data:
            self._close()
        return bool(data)

    def exit_code(self) -> int | None:
        """The exit code of a process that has just exited.

        Returns it once; None while the process runs, and after that first call.
        """
        code = self._process.poll() if self._process else None
        if code is not None:
            while self.read_output():
                pass
            self._close()
            self._output.end()
            self._process = None
        return code

    def record_crash(self) -> float:
        """Count a crash. Returns the seconds until the next start, at most MAX_BACKOFF_S.

        Raises StartupError when an essential service keeps dying.
        """
        now = time.monotonic()
        recent = [when for when in self._crash_times if now - when < CRASH_WINDOW_S]
        self._crash_times = [*recent, now]
        if not self.service.outage_effect and len(self._crash_times) >= MAX_CRASHES:
            raise StartupError(
                f"{self.service.name} died {MAX_CRASHES} times within a minute; "
                "its last lines are above."
            )
        uptime = now - self._started
        self.consecutive_crashes = 1 if uptime >= CRASH_WINDOW_S else self.consecutive_crashes + 1
        wait = min(MIN_BACKOFF_S * 2.0 ** min(self.consecutive_crashes - 1, 16), MAX_BACKOFF_S)
        if wait == MAX_BACKOFF_S:
            self.health = Health.RETRIED_EVERY_MINUTE
        elif self.consecutive_crashes >= MAX_CRASHES:
            self.health = Health.CRASH_LOOP
        else:
            self.health = Health.RESTARTED
        self._next_start = now + wait
        return wait

    def start_when_due(self) -> str:
        """Start again after a crash, once the wait is over.

        Returns why no process could be started (no memory, no process id), otherwise "".
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
        """Set a crashed service to RUNNING after CRASH_WINDOW_S seconds without another crash.

        Returns its health before that, or None when nothing has changed.
        """
        is_stable = self._process is not None and time.monotonic() - self._started >= CRASH_WINDOW_S
        if self.health is Health.RUNNING or not is_stable:
            return None
        before, self.health = self.health, Health.RUNNING
        self.consecutive_crashes = 0
        return before

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process, if there is one."""
        if self._process:
            self._process.send_signal(number)

    def _close_ready_pipe(self) -> None:
        if self._ready_pipe >= 0:
            os.close(self._ready_pipe)
        self._ready_pipe = -1

    def _close(self) -> None:
        if self._process and self._process.stdout and not self._process.stdout.closed:
            self._selector.unregister(self._process.stdout)
            self._process.stdout.close()
