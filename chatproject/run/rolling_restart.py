"""Restarts the product's services one after the other, for a new release: nobody notices.

`python -m chatproject.run.rolling_restart` (`make restart`) asks the running supervisor to do so,
and prints how it went. The stores go on; the supervisor itself stays the one that was started.
"""

import os
import re
import signal
import sys
import time
from pathlib import Path

from chatproject.run import services
from chatproject.run.data_dir import DataDir, default_data_dir
from chatproject.run.errors import StartupError
from chatproject.run.lock import InstanceLock
from chatproject.run.output import print_line
from chatproject.run.service import Restart
from chatproject.run.supervisor import SuccessorFailed, Supervisor

# The first process of a new release applies its migrations.
START_TIMEOUT_S = 600.0
# Of all services: each may drain for half a minute.
REPORT_TIMEOUT_S = 1800.0
DONE = "Restarted"


def restart_services(supervisor: Supervisor, data_dir: DataDir) -> None:
    """Restart web processes, workers and beat. A web process that does not start ends the restart:
    those that are left go on with the release before.

    Raises StartupError when an essential service gives up meanwhile.
    """
    begun = time.monotonic()
    print_line("Restarting the services one after the other")
    try:
        for each in supervisor.services:
            if each.service.restart is Restart.OVERLAP:
                supervisor.replace(each, timeout_s=START_TIMEOUT_S)
        # Those that it forked before are the release before.
        supervisor.fork_from(services.fork_server(), timeout_s=services.IMPORTS_TIMEOUT_S)
        for each in supervisor.services:
            if each.service.restart is Restart.STOP_FIRST:
                supervisor.drain(each)
                each.start()
    except SuccessorFailed as error:
        result = str(error)
    except StartupError as error:
        _report(data_dir, str(error))
        raise
    else:
        result = f"{DONE} in {time.monotonic() - begun:.0f} s."
    print_line(result)
    _report(data_dir, result)


def _report(data_dir: DataDir, result: str) -> None:
    """Whole, or not yet: `main` reads it as soon as it is there."""
    new = data_dir.restart.with_suffix(".new")
    new.write_text(result)
    new.replace(data_dir.restart)


def main() -> int:
    """Ask the supervisor of this checkout, and wait. Returns the exit code."""
    data_dir = default_data_dir()
    try:
        pid = _running(data_dir)
        refuse_deaf(pid)
    except StartupError as error:
        print(error, file=sys.stderr)
        return 1
    data_dir.restart.unlink(missing_ok=True)
    os.kill(pid, signal.SIGUSR1)
    deadline = time.monotonic() + REPORT_TIMEOUT_S
    while not data_dir.restart.exists():
        if time.monotonic() > deadline or not _lives(pid):
            print("Parley has not reported the end of the restart.", file=sys.stderr)
            return 1
        time.sleep(0.2)
    result = data_dir.restart.read_text()
    print(result)
    return 0 if result.startswith(DONE) else 1


def refuse_deaf(pid: int) -> None:
    """Raise StartupError for a supervisor that the signal would end: one of a release that did not
    know it. Only Linux tells."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return
    found = re.search(r"^SigCgt:\s*([0-9a-f]+)$", status, re.MULTILINE)
    if found and not int(found[1], 16) >> (signal.SIGUSR1 - 1) & 1:
        raise StartupError(
            "The running Parley was started from a release that cannot restart without a pause: "
            "stop it, and start it again."
        )


def _running(data_dir: DataDir) -> int:
    """The process id of the supervisor. Raises StartupError."""
    try:
        with InstanceLock(data_dir):
            pass
    except StartupError as error:
        if found := re.search(r"process (\d+), http", str(error)):
            return int(found[1])
        raise StartupError("Parley is starting from this checkout; try again.") from None
    except OSError:
        pass
    raise StartupError("Parley does not run from this checkout: make run")


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
