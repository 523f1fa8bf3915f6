"""The embedded PostgreSQL: a real server from a wheel, on a Unix socket."""

import shutil
import signal
from urllib.parse import quote

from chatproject.run import postmaster
from chatproject.run.data_dir import DataDir
from chatproject.run.errors import StartupError
from chatproject.run.postgres_cluster import PostgresCluster, cluster
from chatproject.run.service import Service

NAME = "parley"

# Beside those of the parts: for manage.py, backups, psql, and those kept for superusers.
SPARE_CONNECTIONS = 20

# Sized for one machine that does other things too. Durability stays as PostgreSQL ships it.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0770",
    "shared_buffers": "64MB",
    "min_wal_size": "32MB",
    "io_method": "sync",  # saves three processes
    "jit": "off",  # costs more than it gives on short queries
    "log_min_messages": "fatal",  # a client is told its own errors
    "log_line_prefix": "",
}
# For databases that live as long as one test run.
THROWAWAY_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
}


def url(data_dir: DataDir) -> str:
    """DATABASE_URL of the embedded server; the socket's folder goes in `host`."""
    return f"postgresql://{NAME}@/{NAME}?host={quote(str(cluster(data_dir).sockets))}"


def service(data_dir: DataDir, *, connections: int = 0, throwaway: bool = False) -> Service:
    """The server of `var`, its data made if there is none. It takes at least so many connections.

    Raises StartupError when the data cannot be served: another major version, a server
    that still holds it, a machine without the wheel.
    """
    home = cluster(data_dir)
    home.make()
    if not home.data.exists():
        _create_cluster(home, *(["--no-sync"] if throwaway else []))
    _refuse_other_major(home)
    postmaster.clear_stale(home.data, home.sockets)
    settings = SETTINGS | {
        "unix_socket_directories": str(home.sockets),
        "max_connections": str(max(100, connections + SPARE_CONNECTIONS)),
    }
    if throwaway:
        settings |= THROWAWAY_SETTINGS
    arguments = [item for pair in settings.items() for item in ("-c", "=".join(pair))]
    return Service(
        name="postgres",
        command=(str(home.program("postgres")), "-D", str(home.data), *arguments),
        environment={"TZ": "UTC", "LC_ALL": "C"},
        stop_signal=signal.SIGINT,  # "fast": sessions are ended, nothing is lost
        stop_timeout_s=30,
        preexec_fn=home.preexec_fn,
        # Said of each connection that a client closed on a statement that took too long; the
        # client has logged the outage.
        hidden_lines=("connection to client lost",),
    )


def ready(data_dir: DataDir, process: int) -> bool:
    """Whether the server that `process` runs takes connections."""
    return postmaster.status(cluster(data_dir).data) == (process, "ready")


def _create_cluster(home: PostgresCluster, *options: str) -> None:
    """Make the cluster beside its place and move it there whole: a start that was cut
    short leaves nothing that looks like data."""
    fresh = home.data.with_name(home.data.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    home.run(
        *("initdb", "--pgdata", str(fresh), "--username", NAME, "--auth", "trust"),
        *("--encoding", "UTF8", "--locale", "C"),
        *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--no-instructions"),
        *options,
    )
    home.run(
        *("postgres", "--single", "-D", str(fresh), "-c", "log_checkpoints=off", "postgres"),
        stdin=f"CREATE DATABASE {NAME};\n",
    )
    fresh.rename(home.data)


def _refuse_other_major(home: PostgresCluster) -> None:
    ours = home.run("postgres", "--version").split()[-1].split(".")[0]
    theirs = (home.data / "PG_VERSION").read_text().strip()
    if ours != theirs:
        raise StartupError(
            f"The data in {home.data} is PostgreSQL {theirs}'s and the server is {ours}: dump it "
            f"with a {theirs} server (pg_dump -Fc -d {NAME}), move the folder away, start once, "
            f"stop, and restore with pg_restore -d {NAME}."
        )
