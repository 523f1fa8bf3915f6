"""Starts services, restarts those that die, and stops all of them in order.

Runs in one thread, which waits for output, for signals and for the next restart.
"""

import contextlib
import selectors
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen
from types import FrameType

from chatproject.run.errors import StartupError
from chatproject.run.forks import Forked, ForkServer
from chatproject.run.output import print_line
from chatproject.run.service import Service
from chatproject.run.supervised import Health, SupervisedService

ReadyCheck = Callable[[int], bool]
"""Returns whether the service with that process id serves."""


class SuccessorFailed(StartupError):
    """A second process of a service does not serve; the first one goes on."""


class StopRequested(Exception):
    """A signal has asked the supervisor to stop."""


class Supervisor:
    """Runs services until a signal asks it to stop, or until an essential service gives up."""

    def __init__(self, status_file: Path | None = None) -> None:
        """`status_file`: receives a line about each service whenever one changes."""
        self._status_file = status_file
        self._selector = selectors.DefaultSelector()
        self._services: list[SupervisedService] = []
        self._fork_server: ForkServer | None = None
        self._stop_requested = False
        self._restart_requested = False
        self._startup_done = False
        # A signal that arrives just before select() must not wait for its timeout.
        self._wakeup_reader, self._wakeup_writer = socket.socketpair()
        for end in (self._wakeup_reader, self._wakeup_writer):
            end.setblocking(False)
        self._selector.register(self._wakeup_reader, selectors.EVENT_READ)

    def install_signal_handlers(self) -> None:
        """Have SIGINT, SIGTERM and SIGHUP request a stop, SIGUSR1 a restart of the services one
        after the other, and SIGCHLD end the wait for events."""
        signal.set_wakeup_fd(self._wakeup_writer.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._request_stop)
        signal.signal(signal.SIGUSR1, self._request_restart)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def start(self, service: Service) -> SupervisedService:
        """Start a service and supervise it from now on."""
        supervised = SupervisedService(service, self._selector, self._start_process)
        self._services.append(supervised)
        supervised.start()
        return supervised

    def wait_until(
        self, ready: ReadyCheck, supervised: SupervisedService, *, timeout_s: float
    ) -> None:
        """Wait until a service is ready. Raises StartupError when it dies or takes too long."""
        deadline = time.monotonic() + timeout_s
        while not ready(supervised.pid):
            self._process_events(0.02)
            if time.monotonic() > deadline:
                raise StartupError(
                    f"{supervised.service.name} was not ready within {timeout_s:.0f} seconds."
                )

    def end_startup(self) -> None:
        """From now on, services that die are restarted: before, that ends the start."""
        self._startup_done = True
        self._write_status()

    def fork_from(self, server: ForkServer | None, *, timeout_s: float) -> None:
        """Start services that `is_forked` by this server from now on, and wait so many seconds
        until it can. While it cannot, they are executed.

        Raises SuccessorFailed when it ends before it can: they would not start, either. What was
        there before is left.
        """
        deadline = time.monotonic() + timeout_s
        try:
            while server and not server.is_ready and time.monotonic() < deadline:
                if server.has_ended:
                    raise SuccessorFailed(
                        "Workers and beat do not start: those before them go on. "
                        "The last lines above say why."
                    )
                self._process_events(0.05)
        except BaseException:
            if server:
                server.end()
            raise
        self._end_fork_server()
        self._fork_server = server

    def run_forever(self, restart: Callable[[], None] = lambda: None) -> None:
        """Restart services that die. Call `restart` when a signal asks for it.

        Raises StopRequested after a signal, StartupError when a store or web process gives up.
        """
        self.end_startup()
        while True:
            self._process_events(0.2)
            if self._restart_requested:
                self._restart_requested = False
                restart()

    @property
    def services(self) -> list[SupervisedService]:
        """The services, in the order of their start."""
        return list(self._services)

    def replace(self, old: SupervisedService, *, timeout_s: float) -> None:
        """Start a second process of a service, and drain the first one when the second serves.

        Raises SuccessorFailed, and leaves all as it was, when the second does not serve.
        """
        name = old.service.name
        new = SupervisedService(old.service, self._selector, self._start_process)
        new.start_as_successor()
        try:
            deadline = time.monotonic() + timeout_s
            while not new.says_ready():
                self._process_events(0.05)
                if new.exit_code() is not None or time.monotonic() > deadline:
                    reason = f" Its last line: {new.last_line}" if new.last_line else ""
                    raise SuccessorFailed(
                        f"{name} does not start: the process before it goes on.{reason}"
                    )
        except BaseException:
            new.discard()
            raise
        self._services[self._services.index(old)] = new
        try:
            self.drain(old)
        except BaseException:
            # `stop` does not know it any more, and stops the stores that it uses.
            self._stop_service(old)
            raise

    def drain(self, supervised: SupervisedService) -> None:
        """Have a process end without harm, and wait for that. The others are supervised
        meanwhile."""
        supervised.signal(supervised.service.drain_signal)
        supervised.draining = True
        _until_exit(supervised, supervised.service.drain_timeout_s, self._process_events)
        supervised.draining = False

    def stop(self) -> None:
        """Stop all services in reverse order of their start, and remove the status file."""
        if self._status_file is not None:
            with contextlib.suppress(OSError):
                self._status_file.unlink(missing_ok=True)
        for supervised in reversed(self._services):
            self._stop_service(supervised)
        self._end_fork_server()

    def _start_process(
        self, service: Service, ready_fd: int | None, may_fork: bool
    ) -> Popen[bytes] | Forked:
        server = self._fork_server
        if service.is_forked and may_fork and server and server.is_ready:
            with contextlib.suppress(OSError):
                return server.start(service, ready_fd=ready_fd)
        if server and server.has_ended:
            self._fork_server = None
            print_line("forks has ended: workers and beat are executed until `make restart`")
        return service.start(ready_fd=ready_fd)

    def _end_fork_server(self) -> None:
        if self._fork_server:
            self._fork_server.end()
        self._fork_server = None

    def _process_events(self, timeout: float) -> None:
        """Wait at most `timeout` seconds for events, and handle them."""
        self._read(timeout)
        if self._stop_requested:
            raise StopRequested
        for supervised in self._services:
            if supervised.draining:
                continue
            code = supervised.exit_code()
            if code is not None:
                self._handle_exit(supervised, f"signal {-code}" if code < 0 else f"exit {code}")
            elif error := supervised.start_when_due():
                self._handle_exit(supervised, error)
            elif before := supervised.pop_recovery():
                if before is not Health.RESTARTED:
                    print_line(f"{supervised.service.name} runs again")
                self._write_status()

    def _handle_exit(self, supervised: SupervisedService, reason: str) -> None:
        name, before = supervised.service.name, supervised.health
        if not self._startup_done:
            raise StartupError(f"{name} could not start ({reason}); see the lines above.")
        wait = supervised.record_crash()
        if supervised.health is Health.RESTARTED:
            print_line(f"{name} died ({reason}); starting it again in {wait:g} s")
        elif supervised.health is not before:
            crashes = f"{reason}, {supervised.consecutive_crashes} times in a row"
            effect = supervised.service.outage_effect
            print_line(
                f"\n{name} {supervised.health.value} ({crashes}).\n"
                f"  Until it runs, {effect}; all else works.\n"
            )
        self._write_status()

    def _write_status(self) -> None:
        if self._status_file is None:
            return
        lines = [f"{each.service.name}: {each.health.value}\n" for each in self._services]
        with contextlib.suppress(OSError):  # a full disk must not stop the services
            self._status_file.write_text("".join(lines), encoding="utf-8")

    def _read(self, timeout: float) -> None:
        for key, _ in self._selector.select(timeout):
            if isinstance(key.data, SupervisedService):
                key.data.read_output()
            else:
                with contextlib.suppress(BlockingIOError):
                    while self._wakeup_reader.recv(4096):
                        pass

    def _request_stop(self, number: int, frame: FrameType | None) -> None:
        self._stop_requested = True

    def _request_restart(self, number: int, frame: FrameType | None) -> None:
        self._restart_requested = True

    def _stop_service(self, supervised: SupervisedService) -> None:
        """Send the stop signal, wait for the service's timeout, then kill the process."""
        supervised.signal(supervised.service.stop_signal)
        _until_exit(supervised, supervised.service.stop_timeout_s, self._read)


def _until_exit(
    supervised: SupervisedService, timeout_s: float, work: Callable[[float], None]
) -> None:
    """Wait until the process has exited, and kill it after the timeout. `work` does meanwhile what
    has to be done, for as many seconds as it is given."""
    deadline = time.monotonic() + timeout_s
    while supervised.pid and supervised.exit_code() is None:
        work(0.05)
        if time.monotonic() > deadline:
            print_line(f"{supervised.service.name} does not stop; killing it")
            supervised.signal(signal.SIGKILL)
            deadline = float("inf")
