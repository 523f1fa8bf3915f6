"""A service of the product that a test can kill and restart."""

import os
import select
import signal
import tempfile
from collections.abc import Sequence
from pathlib import Path
from subprocess import Popen, TimeoutExpired

from chatproject.run.forks import Forked
from chatproject.run.service import Service
from tests.support.forks import can_fork, fork_server


class Process:
    """A service, its current process and its log since the first start."""

    def __init__(self, service: Service) -> None:
        self._service = service
        handle, name = tempfile.mkstemp(prefix=f"parley-{service.name}-", suffix=".log")
        os.close(handle)
        self._log = Path(name)
        self._process: Popen[bytes] | Forked | None = None
        self._asked: Popen[bytes] | Forked | None = None

    def launch(self, *, says_ready: bool = False) -> None:
        """Start it without waiting until it is ready. `says_ready`: `wait_until_ready` can."""
        theirs = None
        if says_ready:
            self._ready, theirs = os.pipe()
        with self._log.open("ab") as output:
            if can_fork(self._service):
                self._process = fork_server().start_into(
                    output.fileno(), self._service, ready_fd=theirs
                )
            else:
                self._process = self._service.start(output, ready_fd=theirs)
        if theirs is not None:
            os.close(theirs)

    def wait_until_ready(self, within: float = 60.0) -> None:
        """Return when it says that it serves. Raises RuntimeError with the log."""
        readable, _, _ = select.select([self._ready], [], [], within)
        said = os.read(self._ready, 1) if readable else b""
        os.close(self._ready)
        if not said:
            raise RuntimeError(f"{self._service.name} does not start:\n{self.log}")

    @property
    def pid(self) -> int:
        """The id of the current process."""
        assert self._process is not None
        return self._process.pid

    def launch_if_ended(self) -> None:
        """Restart it if it has exited, as a supervisor does."""
        assert self._process is not None
        if self._process.poll() is not None:
            self.launch()

    def wait(self, within: float) -> int:
        """Wait until it exits by itself. Returns the exit code."""
        assert self._process is not None
        return self._process.wait(within)

    def kill9(self) -> None:
        """Send SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def hang(self) -> None:
        """Stop it: it keeps its connections, and answers nothing."""
        os.kill(self.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """Undo `hang`."""
        os.kill(self.pid, signal.SIGCONT)

    def drain(self) -> None:
        """Send SIGTERM, as a deployment does, once."""
        assert self._process is not None
        self._asked = self._process
        self._process.send_signal(self._service.drain_signal)

    def ask_to_stop(self) -> None:
        """Send the signal that ends it soon, once."""
        if self._process is not None and self._asked is not self._process:
            self._asked = self._process
            self._process.send_signal(self._service.stop_signal)

    def stop(self) -> None:
        """Ask it to stop; SIGKILL after the timeout."""
        if self._process is not None and self._process.poll() is None:
            self.ask_to_stop()
            try:
                self._process.wait(self._service.stop_timeout_s)
            except TimeoutExpired:
                self.kill9()

    @property
    def log(self) -> str:
        """Its output since the first start."""
        return self._log.read_text(errors="replace")

    def remove(self) -> None:
        """Stop it, print its log (which pytest shows after a failure), and delete the log."""
        self.stop()
        print(f"--- {self._service.name}\n{self.log}")
        self._log.unlink()


def end_all(processes: Sequence[Process]) -> None:
    """Stop and remove all. They end at the same time."""
    for process in processes:
        process.ask_to_stop()
    for process in processes:
        process.remove()
