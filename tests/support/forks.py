"""Starts modules of this checkout as forks of a process that has imported the libraries.

A web process imports for two seconds of processor time, and tests start hundreds of them. Tests of
the start itself execute Python: `tests/run/test_product.py`, `tests/deployment`.
"""

import ctypes
import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from functools import cache
from signal import SIGKILL

import psutil

from chatproject.run.data_dir import CHECKOUT
from chatproject.run.service import Service
from chatproject.run.services import CELERY, MALLOC_ENVIRONMENT

PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
_libc = ctypes.CDLL(None, use_errno=True)
# Python, and its options, of workers and beat; other processes may have these options, too.
WITH_OPTIONS = CELERY[: CELERY.index("-m") + 1]
STARTS = ((sys.executable, "-m"), WITH_OPTIONS)


class Forked:
    """A forked process; as `subprocess.Popen`."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._process = psutil.Process(pid)

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        with suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Returns the exit code. Raises subprocess.TimeoutExpired."""
        try:
            return int(self._process.wait(timeout))
        except psutil.TimeoutExpired as error:
            raise subprocess.TimeoutExpired(str(self.pid), error.seconds) from None

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            self._process.send_signal(number)

    def kill(self) -> None:
        """Send SIGKILL."""
        self.send_signal(SIGKILL)


class ForkServer:
    """The process of `fork_server.py`. It ends with this one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._line, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with its:
            self._process = subprocess.Popen(
                [*WITH_OPTIONS, "tests.support.fork_server", str(its.fileno())],
                stdin=subprocess.DEVNULL,
                env={**os.environ, **MALLOC_ENVIRONMENT},
                cwd=CHECKOUT,
                pass_fds=[its.fileno()],
                start_new_session=True,
            )

    def start(self, service: Service, output: int, ready_fd: int | None) -> Forked:
        """As `Service.start`, for one that `can_fork`."""
        command, fds = service.started_with(ready_fd)
        module, *arguments = command[command.index("-m") + 1 :]
        request = {
            "module": module,
            "arguments": arguments,
            "environment": {**os.environ, **service.environment},
            "cwd": str(service.cwd),
            "fds": fds,
            "parent": os.getpid(),
            "stop_signal": int(service.stop_signal),
        }
        with self._lock:
            # Only for this moment: orphans of other processes are no matter of the tests.
            _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
            try:
                socket.send_fds(self._line, [json.dumps(request).encode()], [output, *fds])
                pid = int(self._line.recv(100))
                self._line.recv(100)
            finally:
                _libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
        return Forked(pid)


@cache
def fork_server() -> ForkServer:
    """That of this process, started with the first fork."""
    return ForkServer()


def can_fork(service: Service) -> bool:
    """Whether it is a module of this checkout that runs as the user of the tests, and imports what
    they import."""
    return (
        sys.platform == "linux"
        and service.cwd == CHECKOUT
        and service.preexec_fn is None
        and "PYTHONPATH" not in service.environment
        and any(service.command[: len(start)] == start for start in STARTS)
    )
