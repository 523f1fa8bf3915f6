"""The embedded PostgreSQL: a real server from a wheel, on a Unix socket."""

import shutil
import signal
from pathlib import Path
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
    finish_upgrade(server)
    if not server.data.exists():
        new = server.data.with_name(server.data.name + ".new")
        create_data(server, new, *(["--no-sync"] if throwaway else []))
        # An interrupted start leaves nothing that looks like complete data.
        new.rename(server.data)
    _check_major_version(server)
    settings = SETTINGS | {"max_connections": str(max(100, connections + SPARE_CONNECTIONS))}
    return of_cluster(server, settings | (THROWAWAY_SETTINGS if throwaway else {}))


def of_cluster(server: PostgresCluster, settings: dict[str, str], *, port: int = 5432) -> Service:
    """The server of these data, whatever their version is."""
    postmaster.clear_stale(server.data, server.sockets, port=port)
    settings = settings | {"unix_socket_directories": str(server.sockets), "port": str(port)}
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


def finish_upgrade(server: PostgresCluster) -> None:
    """Put the data of a finished upgrade (`upgrade_database`) in their place, if it was killed
    before."""
    upgraded = upgraded_data(server)
    if not server.data.exists() and upgraded.exists():
        upgraded.rename(server.data)


def upgraded_data(server: PostgresCluster) -> Path:
    """Where the data of a finished upgrade are until they replace the former ones."""
    return server.data.with_name(server.data.name + ".upgraded")


def create_data(server: PostgresCluster, new: Path, *options: str) -> None:
    """Create an empty cluster with the database in the folder `new`, in place of what is there."""
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


def major_version(server: PostgresCluster) -> str:
    """The version of the programs."""
    # Debian adds its own: postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)
    return server.run("postgres", "--version").split()[2].split(".")[0]


def data_version(server: PostgresCluster) -> str:
    """The version of the data. Raises StartupError for a folder that has none."""
    try:
        return (server.data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        raise StartupError(
            f"{server.data} has no data of PostgreSQL. If it is empty, remove it. A volume belongs "
            f"at {server.data.parent}, the folder above."
        ) from None


def _check_major_version(server: PostgresCluster) -> None:
    programs, data = major_version(server), data_version(server)
    if programs != data:
        raise StartupError(
            f"The data in {server.data} are of PostgreSQL {data} and the server is {programs}: "
            "run `make upgrade`."
        )
