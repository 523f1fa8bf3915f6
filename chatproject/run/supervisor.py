"""Keeps the parts alive, and ends them in order.

One thread: it waits for output, for signals and for the next restart, and nothing else.
"""

import contextlib
import selectors
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from chatproject.run.errors import StartupError
from chatproject.run.output import print_line
from chatproject.run.service import Service
from chatproject.run.supervised import Health, SupervisedService

Check = Callable[[int], bool]
"""Takes the part's process, says whether it serves."""


class StopRequested(Exception):
    """A person, or the system, has asked to stop."""


class Supervisor:
    """Runs parts until a signal says stop, or one without which there is no chat gives up."""

    def __init__(self, status: Path | None = None) -> None:
        """`status`: the file in which it notes how each part is doing."""
        self._status = status
        self._selector = selectors.DefaultSelector()
        self._services: list[SupervisedService] = []
        self._stop_requested = False
        self._up = False
        # A signal that comes just before select() must not wait for its timeout.
        self._wakeup_reader, wake = socket.socketpair()
        for end in (self._wakeup_reader, wake):
            end.setblocking(False)
        self._selector.register(self._wakeup_reader, selectors.EVENT_READ)
        self._wakeup_writer = wake

    def install_signal_handlers(self) -> None:
        """SIGINT and SIGTERM stop; SIGCHLD wakes."""
        signal.set_wakeup_fd(self._wakeup_writer.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._request_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def start(self, service: Service) -> SupervisedService:
        """Start a part and keep it running from now on."""
        supervised = SupervisedService(service, self._selector)
        self._services.append(supervised)
        supervised.start()
        return supervised

    def wait_until(self, ready: Check, supervised: SupervisedService, *, within: float) -> None:
        """Wait until a part serves. Raises StartupError when it dies or takes longer."""
        deadline = time.monotonic() + within
        while not ready(supervised.pid):
            self._poll(0.02)
            if time.monotonic() > deadline:
                raise StartupError(
                    f"{supervised.service.name} did not get ready within {within:.0f} seconds."
                )

    def run_forever(self) -> None:
        """Restart services that die.

        Raises StopRequested on a signal, StartupError when a store or web process gives up.
        """
        self._up = True
        self._note()
        while True:
            self._poll(0.2)

    def stop(self) -> None:
        """End all parts, those that were started last first; nothing is noted of them any more."""
        if self._status is not None:
            with contextlib.suppress(OSError):
                self._status.unlink(missing_ok=True)
        for supervised in reversed(self._services):
            self._end(supervised)

    def _poll(self, timeout: float) -> None:
        """Wait for something to happen, at most `timeout` seconds, and deal with it."""
        self._read(timeout)
        if self._stop_requested:
            raise StopRequested
        for supervised in self._services:
            code = supervised.exit_code()
            if code is not None:
                self._handle_exit(supervised, f"signal {-code}" if code < 0 else f"exit {code}")
            elif why := supervised.start_when_due():
                self._handle_exit(supervised, why)
            elif before := supervised.pop_recovery():
                if before is not Health.RESTARTED:
                    print_line(f"{supervised.service.name} runs again")
                self._note()

    def _handle_exit(self, supervised: SupervisedService, how: str) -> None:
        name, before = supervised.service.name, supervised.health
        if not self._up:
            raise StartupError(f"{name} could not start ({how}); see the lines above.")
        wait = supervised.record_crash()
        if supervised.health is Health.RESTARTED:
            print_line(f"{name} died ({how}); starting it again in {wait:g} s")
        elif supervised.health is not before:
            crashes = f"{how}, {supervised.consecutive_crashes} times in a row"
            effect = supervised.service.outage_effect
            print_line(
                f"\n{name} {supervised.health.value} ({crashes}).\n"
                f"  Until it runs, {effect}; all else works.\n"
            )
        self._note()

    def _note(self) -> None:
        """Write down how each part is doing, for people and programs that look in."""
        if self._status is None:
            return
        lines = [f"{each.service.name}: {each.health.value}\n" for each in self._services]
        with contextlib.suppress(OSError):  # a full disk is no reason to stop
            self._status.write_text("".join(lines), encoding="utf-8")

    def _read(self, timeout: float) -> None:
        for key, _ in self._selector.select(timeout):
            if isinstance(key.data, SupervisedService):
                key.data.read()
            else:
                with contextlib.suppress(BlockingIOError):
                    while self._wakeup_reader.recv(4096):
                        pass

    def _request_stop(self, number: int, frame: FrameType | None) -> None:
        self._stop_requested = True

    def _end(self, supervised: SupervisedService) -> None:
        """Ask the process to stop, wait as long as it may take, then kill."""
        supervised.signal(supervised.service.stop_signal)
        deadline = time.monotonic() + supervised.service.stop_timeout_s
        while supervised.pid and supervised.exit_code() is None:
            self._read(0.05)
            if time.monotonic() > deadline:
                print_line(f"{supervised.service.name} does not stop; killing it")
                supervised.signal(signal.SIGKILL)
                deadline = float("inf")
