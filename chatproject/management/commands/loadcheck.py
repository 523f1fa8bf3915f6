"""`manage.py loadcheck --users N`: whether this server does for so many people at work."""

import argparse
import asyncio
import os
import secrets
import signal
import threading
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from apps.accounts.models import User
from apps.chats import made_up
from apps.core.errors import Refused, Unavailable
from apps.realtime.presence.lookup import count_connected
from chatproject.config import environment
from chatproject.load import fleet
from chatproject.load.at_work import SIGNS_IN, Person, orders
from chatproject.load.check import EVERYTHING, Report, check
from chatproject.load.endpoint import Endpoint
from chatproject.load.fleet import LoadProcessDied
from chatproject.load.sessions import sign_in
from chatproject.run.address import Address
from chatproject.run.probe import Probe

TEAM, HISTORY = 5, 50
# So many people may be connected who have not been asked.
MAX_REAL_PEOPLE = 5
MAX_MS = 500
PROBE_TRIES = 100


class Command(BaseCommand):
    """Makes up people, has them work, says how the server did, and removes them."""

    help = (
        "Have N made-up people work on the running server: pass or fail, times, memory, processor. "
        "They are removed at the end."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """How many people, and what the server must do."""
        parser.add_argument(
            "--users", type=_users, required=True, help="how many people, 5 or more"
        )
        parser.add_argument(
            "--max-ms", type=float, default=MAX_MS, help=f"p95 of a request, at most ({MAX_MS})"
        )
        parser.add_argument(
            "--pause", type=_pause, default=10.0, help="seconds between two steps of a person (10)"
        )
        parser.add_argument("--at", metavar="HOST:PORT", help="where a web process listens")
        parser.add_argument("--yes", action="store_true", help="although real people are connected")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError when the check cannot be made, and when the server fails it."""
        _refuse_behind_pgbouncer()
        endpoint = _endpoint(options["at"])
        _refuse_if_down(endpoint)
        if not options["yes"]:
            _refuse_if_busy()
        with made_up.reserved() as alone:
            if not alone:
                raise CommandError("Another load check is running.")
            if threading.current_thread() is threading.main_thread():
                for ending in (signal.SIGTERM, signal.SIGHUP):
                    signal.signal(ending, signal.default_int_handler)
            try:
                report = self._check(endpoint, options)
            except KeyboardInterrupt:
                raise CommandError("Stopped. The made-up people were removed.") from None
            except LoadProcessDied:
                raise CommandError("The load program died; its error is above.") from None
            except Refused as refusal:
                raise CommandError(f"The made-up people cannot write: {refusal}.") from None
            finally:
                # A connection that still works holds the lock: the pool would keep both.
                if not connection.is_usable():
                    connection.close()
                made_up.remove()
        reasons = report.reasons_to_fail(options["max_ms"])
        self._show(report, options, reasons)
        if reasons:
            raise CommandError("Fail: " + "; ".join(reasons) + ".")

    def _check(self, endpoint: Endpoint, options: dict[str, Any]) -> Report:
        made_up.remove()
        users, pause = options["users"], options["pause"]
        if not options["json"]:
            seconds = 30 * pause
            self.stdout.write(f"{users} made-up people begin to work: about {seconds:.0f} seconds.")
            self.stdout.flush()
        password = secrets.token_urlsafe()
        people = made_up.make(
            chats=-(-users // TEAM), size=TEAM, password=make_password(password), messages=HISTORY
        )
        accounts = User.objects.in_bulk([person.id for person in people])
        cookies = sign_in(accounts[person.id] for person in people)
        workers = [
            Person(person.username, str(person.chat), "" if _signs_in(n) else cookie)
            for n, (person, cookie) in enumerate(zip(people[:users], cookies[:users], strict=True))
        ]
        count = fleet.processes_for(users)
        return asyncio.run(
            check(orders(endpoint, workers, count=count, password=password, pause=pause))
        )

    def _show(self, report: Report, options: dict[str, Any], reasons: list[str]) -> None:
        if options["json"]:
            result = {"passed": not reasons, "reasons": reasons, **msgspec.to_builtins(report)}
            self.stdout.write(msgspec.json.encode(result).decode())
            return
        for line in _lines(report):
            self.stdout.write(line)
        if not reasons:
            self.stdout.write(f"Pass: this server does for {options['users']} people at work.")


def _signs_in(number: int) -> bool:
    return settings.LOCAL_ACCOUNTS and number % SIGNS_IN == 0


def _lines(report: Report) -> list[str]:
    total = report.requests[EVERYTHING]
    lines = [
        f"{name:16}{each.count:8,}   p50 {each.p50:8,.0f}   p95 {each.p95:8,.0f}   "
        f"p99 {each.p99:8,.0f} ms"
        for name, each in report.requests.items()
    ]
    lines.append(
        f"{total.count / report.seconds:,.1f} requests a second in {report.seconds:,.0f} s"
    )
    lines.append(f"{report.sockets:,} connections at once")
    if report.memory_mib is None or report.web_cores is None:
        lines.append("memory: the web processes are not on this machine, or of another user")
        web = "web processes not known"
    else:
        before, most = report.memory_mib
        each = report.kib_per_socket
        per_socket = (
            f"at most {each:,.0f} KiB each" if each else "too few to say how much each takes"
        )
        lines.append(
            f"memory of the web processes: {before:,.0f} MiB, then {most:,.0f} with these "
            f"connections: {per_socket}"
        )
        web = f"web processes ({report.web_processes}) {report.web_cores:.2f}"
    lines.append(
        f"cores in use: {web}; this load check {report.load_cores:.2f}; "
        f"everything here {report.busy_cores:.2f} of {os.cpu_count()}"
    )
    return lines


def _users(text: str) -> int:
    number = int(text)
    if not TEAM <= number <= 100_000:
        raise argparse.ArgumentTypeError(f"{number} is not between {TEAM} and 100000")
    return number


def _pause(text: str) -> float:
    seconds = float(text)
    if not 0.01 <= seconds <= 600:
        raise argparse.ArgumentTypeError(f"{text} is not between 0.01 and 600")
    return seconds


def _endpoint(at: str | None) -> Endpoint:
    """The address of a web process. Raises CommandError for a bad `at`."""
    public = urlsplit(settings.PUBLIC_URL)
    host, port = Address.from_environment().local_endpoint
    if at:
        host, _, number = at.rpartition(":")
        if not host or not number.isdecimal():
            raise CommandError(f"--at is {at!r}: write HOST:PORT, such as 127.0.0.1:8000.")
        port = int(number)
    elif not environment.is_set("PORT") and public.hostname in ("127.0.0.1", "localhost"):
        port = public.port or port  # `make run` tells manage.py its address
    host = "127.0.0.1" if host == "localhost" else host.strip("[]")
    return Endpoint(port, host, public_url=f"{public.scheme}://{public.netloc}")


def _refuse_behind_pgbouncer() -> None:
    if settings.PGBOUNCER:
        raise CommandError(
            "A load check keeps a lock in its session, and so needs PostgreSQL itself: set "
            "DATABASE_URL to it, and PGBOUNCER=false, for this command."
        )


def _refuse_if_down(endpoint: Endpoint) -> None:
    """Raises CommandError when no server answers."""
    probe = Probe(Address(endpoint.host, endpoint.port), endpoint.origin)
    with suppress(OSError):
        if any(probe.ready() for _ in range(PROBE_TRIES)):
            return
    raise CommandError(
        f"No server answers at {endpoint.host}:{endpoint.port}. Start it, or give the address of "
        "one of its web processes with --at HOST:PORT."
    )


def _refuse_if_busy() -> None:
    """Raises CommandError when real people would notice the check."""
    try:
        connected = count_connected(limit=MAX_REAL_PEOPLE + 1)
    except Unavailable:
        raise CommandError(
            "Redis does not answer, so it is not known whether people are connected. "
            "To check anyway, add --yes."
        ) from None
    if connected > MAX_REAL_PEOPLE:
        raise CommandError(
            f"More than {MAX_REAL_PEOPLE} people are connected, and would notice the load. "
            "To check anyway, add --yes."
        )
