"""Outages of each service that a town uses: stopped (killed, started again) or hanging (it keeps
its connections and answers nothing)."""

import asyncio
import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.support.live import database
from tests.support.ports import free_port


@dataclass(frozen=True)
class Outage:
    """`begin` and `end` block; they are called where processes are started."""

    service: str
    kind: str
    begin: Callable[[], object]
    end: Callable[[], object]

    @property
    def name(self) -> str:
        """As the figures call it."""
        return f"{self.service}-{self.kind}"


def of(service: str, part: Any) -> Iterator[Outage]:
    """The two outages of a store."""
    yield Outage(service, "stopped", part.kill, part.start_again)
    yield Outage(service, "hanging", part.hang, part.go_on)


def of_processes(service: str, *processes: Any) -> Iterator[Outage]:
    """The two outages of some processes of the product."""

    def each(do: Callable[[Any], object]) -> Callable[[], None]:
        def for_all() -> None:
            for process in processes:
                do(process)

        return for_all

    yield Outage(
        service,
        "stopped",
        each(lambda one: one.kill9()),
        each(lambda one: one.launch()),
    )
    yield Outage(
        service,
        "hanging",
        each(lambda one: one.hang()),
        each(lambda one: one.go_on()),
    )


class PushHost:
    """The push service of the test, refusing or hanging for all phones."""

    def __init__(self, phones: list) -> None:
        self._phones = phones
        self._go_on = threading.Event()

    def kill(self) -> None:
        """Refuse each push, as a host that is broken."""
        self._answer(500)

    def hang(self) -> None:
        """Take each push, and respond to none."""
        self._go_on.clear()
        self._answer(lambda page: self._go_on.wait(600))

    def go_on(self) -> None:
        """Take pushes again."""
        self._answer(201)
        self._go_on.set()

    start_again = go_on

    def _answer(self, answer: object) -> None:
        for phone in self._phones:
            phone.answer = answer


class StandIn:
    """A host on loopback that the product asks, in place of Keycloak or a mail server. It refuses
    connections, or accepts them and says nothing."""

    def __init__(self) -> None:
        self.port = free_port()
        self.asked = 0
        self._server: socketserver.ThreadingTCPServer | None = None
        self._go_on = threading.Event()

    def kill(self) -> None:
        """Refuse connections: nobody listens."""

    def start_again(self) -> None:
        """It never works: nobody signs in by it, and no mail has to arrive."""

    def hang(self) -> None:
        """Accept connections, and say nothing."""
        stand_in = self

        class Deaf(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                stand_in.asked += 1
                stand_in._go_on.wait(600)

        self._go_on.clear()
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", self.port), Deaf)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def go_on(self) -> None:
        """Undo `hang`."""
        self._go_on.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()


def call(work: Callable[[], object]) -> Any:
    """`work` in the thread that starts processes, beside the event loop."""
    return asyncio.to_thread(database, work)
