"""`python -m chatproject.run`: the whole product until Ctrl-C."""

import os
import shutil
import sys

from chatproject.run import environment, parts, postgres, valkey
from chatproject.run.address import Address
from chatproject.run.errors import CannotRun
from chatproject.run.lock import Lock
from chatproject.run.output import say
from chatproject.run.probe import Probe
from chatproject.run.supervisor import Stopped, Supervisor
from chatproject.run.var import Var, default, private_folder

SOON = 60.0
FIRST_PAGE_WITHIN = 600.0  # a release's migrations may have much to do


def main() -> int:
    """Run until told to stop. Returns the exit code: 1 with one line on what to do."""
    var = default()
    try:
        private_folder(var.root)
        with Lock(var) as lock:
            supervisor = Supervisor(var.status)
            supervisor.listen_to_signals()
            try:
                _start(supervisor, var, lock)
                supervisor.keep()
            finally:
                supervisor.stop()
    except Stopped:
        say("Stopped.")
    except CannotRun as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    return 0


def _start(supervisor: Supervisor, var: Var, lock: Lock) -> None:
    address = Address.from_environment()
    workers = parts.web_workers()
    listener = address.listen()
    _start_stores(supervisor, var)
    environment.load(var)
    _share_counters(var)
    guessed = not environment.given("PUBLIC_URL")
    if guessed:
        os.environ["PUBLIC_URL"] = address.url()
    first = supervisor.start(parts.web(1, listener=listener))
    probe = Probe(address, os.environ["PUBLIC_URL"])
    supervisor.wait_until(lambda _: probe.ready(), first, within=FIRST_PAGE_WITHIN)
    lock.note(os.environ["PUBLIC_URL"])
    _greet(os.environ["PUBLIC_URL"], elsewhere=guessed and not address.is_loopback)
    # Only now: their start would take the processor from the first page's.
    for number in range(2, workers + 1):
        supervisor.start(parts.web(number, listener=listener))
    supervisor.start(parts.worker("worker", queue="celery", threads=2))
    supervisor.start(parts.worker("push", queue="push", threads=2))
    supervisor.start(parts.beat(var))


def _share_counters(var: Var) -> None:
    """Have all processes count where each of them can read it (prometheus_client)."""
    shutil.rmtree(var.metrics, ignore_errors=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(private_folder(var.metrics))


def _start_stores(supervisor: Supervisor, var: Var) -> None:
    """Start the embedded parts that the environment does not replace."""
    waiting = []
    if not environment.given("DATABASE_URL"):
        server = supervisor.start(postgres.part(var, connections=parts.database_connections()))
        waiting.append((lambda process: postgres.ready(var, process), server))
    if not environment.given("REDIS_URL"):
        waiting.append((lambda _: valkey.ready(var), supervisor.start(valkey.part(var))))
    for ready, running in waiting:
        supervisor.wait_until(ready, running, within=SOON)


def _greet(url: str, *, elsewhere: bool) -> None:
    say(f"\nParley is ready: {url}\n")
    if elsewhere:
        say("  From other machines: set PUBLIC_URL to the address that people type.")
    say("  First account: register in the browser; an administrator's: make admin")
    say("  Stop: Ctrl-C\n")


if __name__ == "__main__":
    sys.exit(main())
