"""One process of the product, and how it is started and stopped."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1  # prctl(2)
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, kw_only=True)
class Service:
    """A command, its environment, and how it is stopped.

    `outage_effect`: what people miss while the service is down. A service without this text is
    essential: the supervisor gives up when it keeps dying.
    `sockets`: passed to the process, and kept open for its next start.
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
    hidden_lines: tuple[str, ...] = ()
    preexec_fn: Callable[[], None] | None = None

    def start(self, output: int | IO[bytes] | None = subprocess.PIPE) -> subprocess.Popen[bytes]:
        """Start the process with stdout and stderr going to `output`.

        The process has its own session: Ctrl-C reaches the supervisor alone, which stops services
        in order. The kernel kills it when the thread that started it ends, so call this from the
        main thread.
        """
        parent = os.getpid()

        def in_child() -> None:
            if self.preexec_fn:
                self.preexec_fn()
            _die_with_parent(parent, self.stop_signal)

        return subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **self.environment},
            cwd=self.cwd,
            pass_fds=[each.fileno() for each in self.sockets],
            start_new_session=True,
            preexec_fn=in_child,
        )


def _die_with_parent(parent: int, with_signal: signal.Signals) -> None:
    """Have the kernel signal this process when its parent ends.

    Call it after any change of user, which clears the setting (prctl(2)).
    """
    if sys.platform == "linux":
        _libc.prctl(PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0)
        if os.getppid() != parent:  # the parent ended before prctl()
            os._exit(1)
