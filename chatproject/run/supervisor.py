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

from chatproject.run.errors import CannotRun
from chatproject.run.output import say
from chatproject.run.part import Part
from chatproject.run.running import Health, Running

Check = Callable[[int], bool]
"""Takes the part's process, says whether it serves."""


class Stopped(Exception):
    """A person, or the system, has asked to stop."""


class Supervisor:
    """Runs parts until a signal says stop, or one without which there is no chat gives up."""

    def __init__(self, status: Path | None = None) -> None:
        """`status`: the file in which it notes how each part is doing."""
        self._status = status
        self._selector = selectors.DefaultSelector()
        self._parts: list[Running] = []
        self._asked_to_stop = False
        self._up = False
        # A signal that comes just before select() must not wait for its timeout.
        self._woken, wake = socket.socketpair()
        for end in (self._woken, wake):
            end.setblocking(False)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._wake = wake

    def listen_to_signals(self) -> None:
        """SIGINT and SIGTERM stop; SIGCHLD wakes."""
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def start(self, part: Part) -> Running:
        """Start a part and keep it running from now on."""
        running = Running(part, self._selector)
        self._parts.append(running)
        running.start()
        return running

    def wait_until(self, ready: Check, running: Running, *, within: float) -> None:
        """Wait until a part serves. Raises CannotRun when it dies or takes longer."""
        deadline = time.monotonic() + within
        while not ready(running.process):
            self._turn(0.02)
            if time.monotonic() > deadline:
                raise CannotRun(
                    f"{running.part.name} did not get ready within {within:.0f} seconds."
                )

    def keep(self) -> None:
        """Restart what dies. Raises Stopped when told to stop, CannotRun when a store or web
        process gives up."""
        self._up = True
        self._note()
        while True:
            self._turn(0.2)

    def stop(self) -> None:
        """End all parts, those that were started last first; nothing is noted of them any more."""
        if self._status is not None:
            with contextlib.suppress(OSError):
                self._status.unlink(missing_ok=True)
        for running in reversed(self._parts):
            self._end(running)

    def _turn(self, timeout: float) -> None:
        """Wait for something to happen, at most `timeout` seconds, and deal with it."""
        self._read(timeout)
        if self._asked_to_stop:
            raise Stopped
        for running in self._parts:
            code = running.exit_code()
            if code is not None:
                self._deal_with_death(running, f"signal {-code}" if code < 0 else f"exit {code}")
            elif why := running.start_when_due():
                self._deal_with_death(running, why)
            elif before := running.recovered_from():
                if before is not Health.DIED:
                    say(f"{running.part.name} runs again")
                self._note()

    def _deal_with_death(self, running: Running, how: str) -> None:
        name, before = running.part.name, running.health
        if not self._up:
            raise CannotRun(f"{name} could not start ({how}); see the lines above.")
        wait = running.died()
        if running.health is Health.DIED:
            say(f"{name} died ({how}); starting it again in {wait:g} s")
        elif running.health is not before:
            say(
                f"\n{name} {running.health.value} ({how}, {running.deaths_in_a_row} times in a"
                f" row).\n  Until it runs, {running.part.without}; all else works.\n"
            )
        self._note()

    def _note(self) -> None:
        """Write down how each part is doing, for people and programs that look in."""
        if self._status is None:
            return
        lines = [f"{each.part.name}: {each.health.value}\n" for each in self._parts]
        with contextlib.suppress(OSError):  # a full disk is no reason to stop
            self._status.write_text("".join(lines), encoding="utf-8")

    def _read(self, timeout: float) -> None:
        for key, _ in self._selector.select(timeout):
            if isinstance(key.data, Running):
                key.data.read()
            else:
                with contextlib.suppress(BlockingIOError):
                    while self._woken.recv(4096):
                        pass

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self._asked_to_stop = True

    def _end(self, running: Running) -> None:
        """Ask the process to stop, wait as long as it may take, then kill."""
        running.signal(running.part.stop_with)
        deadline = time.monotonic() + running.part.stop_within
        while running.process and running.exit_code() is None:
            self._read(0.05)
            if time.monotonic() > deadline:
                say(f"{running.part.name} does not stop; killing it")
                running.signal(signal.SIGKILL)
                deadline = float("inf")
