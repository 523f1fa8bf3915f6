"""PostgreSQL's own lock file, postmaster.pid: who serves a data folder, and how far it is.

Its lines: process, data folder, start time, port, socket folder, address, shared memory,
status (src/include/utils/pidfile.h).
"""

import contextlib
import time
from pathlib import Path

from chatproject.run.errors import StartupError

STOP_TIMEOUT_S = 15.0


def status(data: Path) -> tuple[int, str] | None:
    """The server's process and its word about itself ("starting", "ready", "stopping")."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        return int(lines[0]), lines[7].strip()
    except (FileNotFoundError, IndexError, ValueError):
        return None


def clear_stale(data: Path, sockets: Path) -> None:
    """Remove lock files that name a process which is not this server any more.

    PostgreSQL believes in any live process of that number, so after a crash a stranger
    who was given the number (after a reboot, or in a new container) would bar the start.
    A server that still stops is waited for. Raises StartupError when it does not.
    """
    files = (data / "postmaster.pid", sockets / ".s.PGSQL.5432.lock")
    deadline = time.monotonic() + STOP_TIMEOUT_S
    while any(_is_postgres(number) for number in map(_process_in, files) if number):
        if time.monotonic() > deadline:
            raise StartupError(
                f"A PostgreSQL server still holds {data} (process {_process_in(files[0])}): "
                "stop it with `kill -INT` first."
            )
        time.sleep(0.05)
    for file in files:
        file.unlink(missing_ok=True)


def _process_in(file: Path) -> int:
    with contextlib.suppress(OSError, ValueError, IndexError):
        return abs(int(file.read_text().splitlines()[0]))
    return 0


def _is_postgres(number: int) -> bool:
    """Whether that process lives and is a PostgreSQL server; a zombie does not live."""
    try:
        stat = Path(f"/proc/{number}/stat").read_text()
    except OSError:
        return False
    name, _, rest = stat.partition("(")[2].rpartition(")")
    return name == "postgres" and rest.split()[0] not in {"Z", "X"}
