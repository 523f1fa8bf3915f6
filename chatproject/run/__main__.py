"""`python -m chatproject.run`: the whole product until Ctrl-C."""

import os
import shutil
import sys

from chatproject.run import embedded_defaults, postgres, services, valkey
from chatproject.run.address import Address
from chatproject.run.data_dir import DataDir, default_data_dir, make_private_dir
from chatproject.run.errors import StartupError
from chatproject.run.lock import Lock
from chatproject.run.output import print_line
from chatproject.run.probe import Probe
from chatproject.run.supervisor import StopRequested, Supervisor

STORE_START_TIMEOUT_S = 60.0
FIRST_PAGE_TIMEOUT_S = 600.0  # a release's migrations may have much to do


def main() -> int:
    """Run until told to stop. Returns the exit code: 1 with one line on what to do."""
    data_dir = default_data_dir()
    try:
        make_private_dir(data_dir.root)
        with Lock(data_dir) as lock:
            supervisor = Supervisor(data_dir.status)
            supervisor.install_signal_handlers()
            try:
                _start(supervisor, data_dir, lock)
                supervisor.run_forever()
            finally:
                supervisor.stop()
    except StopRequested:
        print_line("Stopped.")
    except StartupError as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    return 0


def _start(supervisor: Supervisor, data_dir: DataDir, lock: Lock) -> None:
    address = Address.from_environment()
    workers = services.web_workers()
    listener = address.listen()
    _start_stores(supervisor, data_dir)
    embedded_defaults.apply(data_dir)
    _create_metrics_dir(data_dir)
    guessed = not embedded_defaults.is_set("PUBLIC_URL")
    if guessed:
        os.environ["PUBLIC_URL"] = address.url()
    first = supervisor.start(services.web(1, listener=listener))
    probe = Probe(address, os.environ["PUBLIC_URL"])
    supervisor.wait_until(lambda _: probe.ready(), first, within=FIRST_PAGE_TIMEOUT_S)
    lock.note(os.environ["PUBLIC_URL"])
    _print_welcome(os.environ["PUBLIC_URL"], elsewhere=guessed and not address.is_loopback)
    # Only now: their start would take the processor from the first page's.
    for number in range(2, workers + 1):
        supervisor.start(services.web(number, listener=listener))
    supervisor.start(services.worker("worker", queue="celery", threads=2))
    supervisor.start(services.worker("push", queue="push", threads=2))
    supervisor.start(services.beat(data_dir))


def _create_metrics_dir(data_dir: DataDir) -> None:
    """Have all processes count where each of them can read it (prometheus_client)."""
    shutil.rmtree(data_dir.metrics, ignore_errors=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(make_private_dir(data_dir.metrics))


def _start_stores(supervisor: Supervisor, data_dir: DataDir) -> None:
    """Start the embedded parts that the environment does not replace."""
    waiting = []
    if not embedded_defaults.is_set("DATABASE_URL"):
        server = supervisor.start(
            postgres.service(data_dir, connections=services.database_connections())
        )
        waiting.append((lambda process: postgres.ready(data_dir, process), server))
    if not embedded_defaults.is_set("REDIS_URL"):
        waiting.append(
            (lambda _: valkey.ready(data_dir), supervisor.start(valkey.service(data_dir)))
        )
    for ready, running in waiting:
        supervisor.wait_until(ready, running, within=STORE_START_TIMEOUT_S)


def _print_welcome(url: str, *, elsewhere: bool) -> None:
    print_line(f"\nParley is ready: {url}\n")
    if elsewhere:
        print_line("  From other machines: set PUBLIC_URL to the address that people type.")
    print_line("  First account: register in the browser; an administrator's: make admin")
    print_line("  Stop: Ctrl-C\n")


if __name__ == "__main__":
    sys.exit(main())
