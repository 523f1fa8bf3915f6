"""One process of the product, and how it is started."""

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
    """What to run, and how it wants to be stopped.

    `outage_effect`: what people miss while the service is down. A service without one is
    essential: the supervisor gives up when it keeps dying.
    """

    name: str
    command: tuple[str, ...]
    outage_effect: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    sockets: tuple[socket.socket, ...] = ()  # handed on, and held for the next start
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout_s: float = 10.0
    hidden_lines: tuple[str, ...] = ()  # lines with one of these are not worth showing
    preexec_fn: Callable[[], None] | None = None

    def start(self, output: int | IO[bytes] | None = subprocess.PIPE) -> subprocess.Popen[bytes]:
        """Start it; both its streams go to `output`.

        Its own session, so that Ctrl-C reaches the supervisor alone and parts stop in
        order; and it dies with the thread that starts it, so start from the main one.
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
            cwd=self.folder,
            pass_fds=[each.fileno() for each in self.sockets],
            start_new_session=True,
            preexec_fn=in_child,
        )


def _die_with_parent(parent: int, with_signal: signal.Signals) -> None:
    """After any change of user: that clears the setting (prctl(2))."""
    if sys.platform == "linux":
        _libc.prctl(PR_SET_PDEATHSIG, int(with_signal), 0, 0, 0)
        if os.getppid() != parent:  # it went before the line above
            os._exit(1)
