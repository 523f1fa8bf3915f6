"""`python -m chatproject.run`: run the whole product until Ctrl-C."""

import os
import shutil
import sys
from contextlib import suppress

from chatproject.config import environment
from chatproject.config.hints import hints
from chatproject.run import (
    embedded_defaults,
    keycloak_dev,
    rolling_restart,
    services,
    stores,
)
from chatproject.run.address import Address
from chatproject.run.data_dir import DataDir, default_data_dir, make_private_dir
from chatproject.run.errors import StartupError
from chatproject.run.lock import InstanceLock
from chatproject.run.output import print_line
from chatproject.run.probe import Probe
from chatproject.run.supervisor import StopRequested, SuccessorFailed, Supervisor

FIRST_PAGE_TIMEOUT_S = 600.0  # a release may have long migrations


def main() -> int:
    """Run until asked to stop. Returns the exit code; after 1, a line on stderr says what to do."""
    data_dir = default_data_dir()
    try:
        make_private_dir(data_dir.root)
        with InstanceLock(data_dir) as lock:
            supervisor = Supervisor(data_dir.status)
            supervisor.install_signal_handlers()
            try:
                _start(supervisor, data_dir, lock)
                supervisor.run_forever(
                    lambda: rolling_restart.restart_services(supervisor, data_dir)
                )
            finally:
                supervisor.stop()
    except StopRequested:
        print_line("Stopped.")
    except StartupError as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    return 0


def _start(supervisor: Supervisor, data_dir: DataDir, lock: InstanceLock) -> None:
    environment.check_set()
    for line in hints():
        print_line(line)
    address = Address.from_environment()
    services.set_default_web_workers()
    workers = environment.read("WEB_WORKERS")
    listener = address.listen()
    url_is_guessed = not environment.is_set("PUBLIC_URL")
    environment.set_default("PUBLIC_URL", address.url(), source="HOST and PORT")
    public_url = environment.read("PUBLIC_URL")
    data_dir.public_url.write_text(public_url)
    stores.start(supervisor, data_dir)
    embedded_defaults.apply(data_dir)
    keycloak_dev.start_if_wanted(supervisor, data_dir, address)
    _create_metrics_dir(data_dir)
    first = supervisor.start(services.web(1, listener=listener))
    probe = Probe(address, public_url)
    supervisor.wait_until(lambda _: probe.ready(), first, timeout_s=FIRST_PAGE_TIMEOUT_S)
    lock.describe(public_url)
    _print_welcome(public_url, hint_public_url=url_is_guessed and not address.is_loopback)
    supervisor.end_startup()
    # Started last: they would compete with the first page for the processor.
    for number in range(2, workers + 1):
        supervisor.start(services.web(number, listener=listener))
    with suppress(SuccessorFailed):  # nothing was there before: they say themselves what is wrong
        supervisor.fork_from(services.fork_server(), timeout_s=services.IMPORTS_TIMEOUT_S)
    supervisor.start(services.worker("worker", queue="celery", threads=2))
    supervisor.start(services.worker("files", queue="files", threads=3))
    supervisor.start(services.worker("push", queue="push", threads=3))
    supervisor.start(services.beat(data_dir))


def _create_metrics_dir(data_dir: DataDir) -> None:
    """Create the empty folder in which all processes share counters (prometheus_client)."""
    shutil.rmtree(data_dir.metrics, ignore_errors=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(make_private_dir(data_dir.metrics))


def _print_welcome(url: str, *, hint_public_url: bool) -> None:
    print_line(f"\nParley is ready: {url}\n")
    if hint_public_url:
        print_line("  From other machines: set PUBLIC_URL to the address that people type.")
    print_line("  An administrator's account: make admin")
    print_line("  Stop: Ctrl-C\n")


if __name__ == "__main__":
    sys.exit(main())
