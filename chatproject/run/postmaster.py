"""PostgreSQL's lock file postmaster.pid: which process serves a data folder, and its status.

Its lines: process id, data folder, start time, port, socket folder, address, shared memory,
status (src/include/utils/pidfile.h).
"""

import contextlib
import time
from pathlib import Path

from chatproject.run.errors import StartupError

STOP_TIMEOUT_S = 15.0


def status(data: Path) -> tuple[int, str] | None:
    """The server's process id and its status ("starting", "ready", "stopping")."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        return int(lines[0]), lines[7].strip()
    except (FileNotFoundError, IndexError, ValueError):
        return None


def clear_stale(data: Path, sockets: Path, *, port: int = 5432) -> None:
    """Remove lock files whose process is no longer this server.

    PostgreSQL trusts any live process with that id. After a crash another process may have been
    given the id (after a reboot, or in a new container), and PostgreSQL would refuse to start.
    Waits for a server that is still stopping. Raises StartupError when it does not stop in time.
    """
    files = (data / "postmaster.pid", sockets / f".s.PGSQL.{port}.lock")
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while any(_is_postgres(pid) for pid in map(_pid_in, files) if pid):
        if time.monotonic() > deadline:
            raise StartupError(
                f"A PostgreSQL server still uses {data} (process {_pid_in(files[0])}): "
                "stop it with `kill -INT` first."
            )
        time.sleep(0.05)
    for file in files:
        file.unlink(missing_ok=True)


def _pid_in(file: Path) -> int:
    with contextlib.suppress(OSError, ValueError, IndexError):
        return abs(int(file.read_text().splitlines()[0]))
    return 0


def _is_postgres(pid: int) -> bool:
    """Whether that process is a running PostgreSQL server, and no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    name, _, rest = stat.partition("(")[2].rpartition(")")
    return name == "postgres" and rest.split()[0] not in {"Z", "X"}
