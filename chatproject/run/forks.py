"""Starts processes as forks of one that has imported their modules.

They share the memory of what was imported, and start without the processor time of the imports.
Linux only: there, a process may adopt the orphans of its children.
"""

import json
import os
import select
import signal
import socket
import subprocess
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import IO

from chatproject.run.data_dir import CHECKOUT
from chatproject.run.fork_server import ADOPTED, FAILED, READY
from chatproject.run.prctl import SET_CHILD_SUBREAPER, prctl
from chatproject.run.service import Service

# Far longer than two forks take. A server that hangs is killed.
TIMEOUT_S = 5.0


def can_fork() -> bool:
    """Whether this system has what is needed. Some containers forbid it."""
    try:
        os.close(os.pidfd_open(os.getpid()))
        prctl(SET_CHILD_SUBREAPER, 0)
    except (AttributeError, OSError):
        return False
    return True


class ForkFailed(OSError):
    """There are too many processes for another one, or too little memory."""


class Forked:
    """A forked process; as `subprocess.Popen`."""

    stdout: IO[bytes] | None = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._code: int | None = None
        self._lock = threading.Lock()
        # Readable once the process has ended.
        self._end = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        with self._lock:
            if self._code is None:
                found, status = os.waitpid(self.pid, os.WNOHANG)
                if found:
                    self._code = os.waitstatus_to_exitcode(status)
                    os.close(self._end)
            return self._code

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Returns the exit code. Raises subprocess.TimeoutExpired."""
        if self.poll() is None:
            with suppress(OSError):  # another thread has just seen its end
                end = os.dup(self._end)
                select.select([end], [], [], timeout)
                os.close(end)
        if (code := self.poll()) is None:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(signal.SIGKILL)


class ForkServer:
    """The process of `fork_server.py`. It ends with this one.

    `python`: how it is executed, up to `-m`. `modules`: what it imports.
    """

    def __init__(
        self, python: Sequence[str], modules: Sequence[str], environment: dict[str, str]
    ) -> None:
        self._lock = threading.Lock()
        self._is_ready = False
        self._line, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with its:
            self._process = subprocess.Popen(
                [*python, "chatproject.run.fork_server", str(its.fileno()), *modules],
                stdin=subprocess.DEVNULL,
                env={**os.environ, **environment},
                cwd=CHECKOUT,
                pass_fds=[its.fileno()],
                start_new_session=True,
            )

    @property
    def is_ready(self) -> bool:
        """Whether it has imported the modules, and can fork."""
        return self._has_said_so(0)

    @property
    def has_ended(self) -> bool:
        """Whether it can fork no more."""
        return self._process.poll() is not None

    def start(self, service: Service, *, ready_fd: int | None = None) -> Forked:
        """As `Service.start`, with its output going to a pipe. Raises as `start_into`."""
        reader, writer = os.pipe()
        output = os.fdopen(reader, "rb", buffering=0)
        try:
            process = self.start_into(writer, service, ready_fd=ready_fd)
        except BaseException:
            output.close()
            raise
        finally:
            os.close(writer)
        process.stdout = output
        return process

    def start_into(self, output: int, service: Service, *, ready_fd: int | None = None) -> Forked:
        """As `Service.start`, with its output going to a descriptor. Waits until the server is
        ready.

        Raises OSError when nothing was started: ForkFailed, or the server has ended or does not
        respond, and is ended.
        """
        command, fds = service.started_with(ready_fd)
        module, *arguments = command[command.index("-m") + 1 :]
        request = {
            "name": service.name,
            "module": module,
            "arguments": arguments,
            "environment": {**os.environ, **service.environment},
            "cwd": str(service.cwd),
            "fds": fds,
            "parent": os.getpid(),
            "stop_signal": int(service.stop_signal),
        }
        with self._lock:
            if not self._has_said_so(None):
                raise ConnectionError("the fork server has ended")
            try:
                return self._fork(json.dumps(request).encode(), [output, *fds])
            except ForkFailed:
                raise
            except OSError:
                self.end()
                raise

    def end(self) -> None:
        """End it. Those that it has forked go on."""
        self._is_ready = False
        self._line.close()
        self._process.kill()
        self._process.wait()

    def _has_said_so(self, timeout_s: float | None) -> bool:
        if not self._is_ready and not self.has_ended:
            self._line.settimeout(timeout_s)
            try:
                self._is_ready = self._line.recv(100) == READY
            except (TimeoutError, BlockingIOError):
                return False
            except ConnectionError:
                self._is_ready = False
            if not self._is_ready:  # it has ended, or is of a release that says other things
                self.end()
                return False
            self._line.settimeout(TIMEOUT_S)
        return self._is_ready and not self.has_ended

    def _fork(self, request: bytes, fds: list[int]) -> Forked:
        """A new child, which goes on only once it is known here."""
        waiting, go = os.pipe()
        pid, process = 0, None
        try:
            # Only for this moment: orphans of other processes are no matter of this one.
            prctl(SET_CHILD_SUBREAPER, 1)
            socket.send_fds(self._line, [request], [waiting, *fds])
            while (said := self._line.recv(100)) not in (ADOPTED, FAILED):
                if not said:
                    raise ConnectionError("the fork server has ended")
                pid = int(said)
            if said == FAILED:
                raise ForkFailed("the system has no process for a fork")
            process = Forked(pid)
            os.write(go, b"1")
            return process
        finally:
            os.close(waiting)
            os.close(go)
            if pid and process is None:
                with suppress(ChildProcessError):
                    os.waitpid(pid, 0)
            with suppress(OSError):
                prctl(SET_CHILD_SUBREAPER, 0)
