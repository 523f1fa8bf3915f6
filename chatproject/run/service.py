"""One process of the product, and how it is started and stopped."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import IO

from chatproject.run.prctl import SET_PDEATHSIG, prctl


class Restart(Enum):
    """How a service is restarted while the others run, for a new release."""

    NEVER = "never"
    STOP_FIRST = "stop first"
    # A second process serves before the first one is asked to stop.
    OVERLAP = "overlap"


@dataclass(frozen=True, kw_only=True)
class Service:
    """A command, its environment, and how it is stopped.

    `outage_effect`: what people miss while the service is down. A service without this text is
    essential: the supervisor gives up when it keeps dying.
    `sockets`: passed to the process, and kept open for its next start.
    `stop_signal`: ends the process soon, because all services end. `drain_signal`: ends it without
    harm to its clients while others take over, within `drain_timeout_s`.
    `ready_option`: the option by which the process is told of a pipe, and writes a byte to it once
    it serves.
    `is_forked`: a fork server starts it, where there is one (`forks.py`).
    `hidden_lines`: output lines that contain one of these texts are not shown.
    """

    name: str
    command: tuple[str, ...]
    outage_effect: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    cwd: Path | None = None
    sockets: tuple[socket.socket, ...] = ()
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout_s: float = 10.0
    restart: Restart = Restart.NEVER
    drain_signal: signal.Signals = signal.SIGTERM
    drain_timeout_s: float = 30.0
    ready_option: str = ""
    is_forked: bool = False
    hidden_lines: tuple[str, ...] = ()
    preexec_fn: Callable[[], None] | None = None

    def start(
        self, output: int | IO[bytes] | None = subprocess.PIPE, *, ready_fd: int | None = None
    ) -> subprocess.Popen[bytes]:
        """Start the process with stdout and stderr going to `output`. `ready_fd`: the end of a pipe
        for `ready_option`.

        The process has its own session: Ctrl-C reaches the supervisor alone, which stops services
        in order. The kernel kills it when the thread that started it ends, so call this from the
        main thread.
        """
        parent = os.getpid()

        def in_child() -> None:
            if self.preexec_fn:
                self.preexec_fn()
            die_with_parent(parent, self.stop_signal)

        command, fds = self.started_with(ready_fd)
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **self.environment},
            cwd=self.cwd,
            pass_fds=fds,
            start_new_session=True,
            preexec_fn=in_child,
        )

    def started_with(self, ready_fd: int | None) -> tuple[tuple[str, ...], list[int]]:
        """The command with the option for the pipe, and the descriptors that the process gets."""
        fds = [each.fileno() for each in self.sockets]
        if ready_fd is None:
            return self.command, fds
        return (*self.command, self.ready_option, str(ready_fd)), [*fds, ready_fd]


def die_with_parent(parent: int, with_signal: signal.Signals) -> None:
    """Have the kernel signal this process when its parent ends.

    Call it after any change of user, which clears the setting (prctl(2)).
    """
    if sys.platform == "linux":
        with suppress(OSError):
            prctl(SET_PDEATHSIG, int(with_signal))
        if os.getppid() != parent:  # the parent ended before prctl()
            os._exit(1)
