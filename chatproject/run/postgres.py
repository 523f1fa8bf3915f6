"""The embedded PostgreSQL: a real server from a wheel, on a Unix socket."""

import shutil
import signal
from urllib.parse import quote

from chatproject.run import postmaster
from chatproject.run.data_dir import DataDir
from chatproject.run.errors import StartupError
from chatproject.run.postgres_cluster import PostgresCluster, cluster
from chatproject.run.service import Service

NAME = "parley"  # of the database and of its owner

# For manage.py, backups and psql, and those that PostgreSQL reserves for superusers.
SPARE_CONNECTIONS = 20

# Sized for one machine that does other things too. Durability settings stay at their defaults.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0770",
    "shared_buffers": "64MB",
    "min_wal_size": "32MB",
    "io_method": "sync",  # saves three processes
    "jit": "off",  # costs more than it gains on short queries
    "log_min_messages": "fatal",  # clients receive and log their own errors
    "log_line_prefix": "",
}
# For databases that are deleted after one test run.
THROWAWAY_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
}


def url(data_dir: DataDir) -> str:
    """DATABASE_URL of the embedded server, with the folder of its socket in `host`."""
    return f"postgresql://{NAME}@/{NAME}?host={quote(str(cluster(data_dir).sockets))}"


def service(data_dir: DataDir, *, connections: int = 0, throwaway: bool = False) -> Service:
    """The server of `data_dir`, for at least `connections` clients. Creates missing data.

    Raises StartupError when the data cannot be served: it belongs to another major version,
    another server is running on it, this user cannot run PostgreSQL, or the wheel is missing.
    """
    server = cluster(data_dir)
    server.prepare()
    if not server.data.exists():
        _create_data(server, *(["--no-sync"] if throwaway else []))
    _check_major_version(server)
    postmaster.clear_stale(server.data, server.sockets)
    settings = SETTINGS | {
        "unix_socket_directories": str(server.sockets),
        "max_connections": str(max(100, connections + SPARE_CONNECTIONS)),
    }
    if throwaway:
        settings |= THROWAWAY_SETTINGS
    arguments = [item for pair in settings.items() for item in ("-c", "=".join(pair))]
    return Service(
        name="postgres",
        command=(str(server.program("postgres")), "-D", str(server.data), *arguments),
        environment={"TZ": "UTC", "LC_ALL": "C"},
        stop_signal=signal.SIGINT,  # "fast" shutdown: ends sessions, loses nothing
        stop_timeout_s=30,
        preexec_fn=server.preexec_fn,
        # PostgreSQL logs this for each connection that a client closed during a statement that
        # took too long. The client has already logged the outage.
        hidden_lines=("connection to client lost",),
    )


def ready(data_dir: DataDir, pid: int) -> bool:
    """Whether the server with that process id accepts connections."""
    return postmaster.status(cluster(data_dir).data) == (pid, "ready")


def _create_data(server: PostgresCluster, *options: str) -> None:
    """Create the cluster next to its final place, then rename it.

    An interrupted start leaves nothing that looks like complete data.
    """
    new = server.data.with_name(server.data.name + ".new")
    shutil.rmtree(new, ignore_errors=True)
    server.run(
        *("initdb", "--pgdata", str(new), "--username", NAME, "--auth", "trust"),
        *("--encoding", "UTF8", "--locale", "C"),
        *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--no-instructions"),
        *options,
    )
    server.run(
        *("postgres", "--single", "-D", str(new), "-c", "log_checkpoints=off", "postgres"),
        stdin=f"CREATE DATABASE {NAME};\n",
    )
    new.rename(server.data)


def _check_major_version(server: PostgresCluster) -> None:
    server_version = server.run("postgres", "--version").split()[-1].split(".")[0]
    data_version = (server.data / "PG_VERSION").read_text().strip()
    if server_version != data_version:
        raise StartupError(
            f"The data in {server.data} is of PostgreSQL {data_version} and the server is "
            f"{server_version}: dump it with a {data_version} server (pg_dump -Fc -d {NAME}), move "
            f"the folder away, start once, stop, and restore with pg_restore -d {NAME}."
        )
