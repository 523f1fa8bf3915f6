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
class Part:
    """What to run, and how it wants to be stopped.

    `without`: what people miss while the part is down. A part that has none is one without which
    there is no chat: the supervisor gives up when it keeps dying.
    """

    name: str
    command: tuple[str, ...]
    without: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    sockets: tuple[socket.socket, ...] = ()  # handed on, and held for the next start
    stop_with: signal.Signals = signal.SIGTERM
    stop_within: float = 10.0
    hush: tuple[str, ...] = ()  # lines with one of these are not worth showing
    before_exec: Callable[[], None] | None = None

    def start(self, output: int | IO[bytes] | None = subprocess.PIPE) -> subprocess.Popen[bytes]:
        """Start it; both its streams go to `output`.

        Its own session, so that Ctrl-C reaches the supervisor alone and parts stop in
        order; and it dies with the thread that starts it, so start from the main one.
        """
        parent = os.getpid()

        def in_child() -> None:
            if self.before_exec:
                self.before_exec()
            _die_with_parent(parent, self.stop_with)

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
