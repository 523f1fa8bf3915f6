"""Real PostgreSQL servers: a primary, standbys that are copied from it, and their promotion."""

import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import psycopg

from chatproject.run import postgres, postmaster
from chatproject.run.data_dir import DataDir
from chatproject.run.postgres_cluster import cluster
from tests.support.stores import Store

TIMEOUT_S = 60.0
STATES = ("ready", "standby")


class PostgresServer:
    """One server in a folder of its own."""

    store: Store

    def __init__(self) -> None:
        self.data_dir = DataDir(Path(tempfile.mkdtemp(prefix="parley-test-")))
        self._cluster = cluster(self.data_dir)
        self.sockets = str(self._cluster.sockets)

    def start(self, *, copy_of: "PostgresServer | None" = None) -> None:
        """Start it, empty or as a standby of another one."""
        if copy_of is not None:
            self._cluster.prepare()
            self._cluster.run(
                *("pg_basebackup", "--host", copy_of.sockets, "--username", postgres.NAME),
                *("--pgdata", str(self._cluster.data), "--write-recovery-conf"),
                *("--checkpoint", "fast", "--no-sync"),
            )
        service = postgres.service(self.data_dir, connections=100, throwaway=True)
        self.store = Store(service, self._accepts, self.data_dir.root)

    def _accepts(self, pid: int) -> bool:
        return postmaster.status(self._cluster.data) in [(pid, state) for state in STATES]

    @property
    def url(self) -> str:
        """Its DATABASE_URL."""
        return url(self)

    def ask(self, sql: str) -> list[tuple]:
        """Run one statement, outside of a transaction."""
        with psycopg.connect(self.url, autocommit=True) as session:
            cursor = session.execute(sql)
            return cursor.fetchall() if cursor.description else []

    def copy_database(self, address: str) -> None:
        """Fill its empty database from the one at this DATABASE_URL."""
        dump = self.data_dir.root / "dump"
        self._cluster.run("pg_dump", "-Fc", "--file", str(dump), "--dbname", address)
        self._cluster.run(
            *("pg_restore", "--host", self.sockets, "--username", postgres.NAME),
            *("--dbname", postgres.NAME, str(dump)),
        )

    def wait_for(self, sql: str) -> None:
        """Wait until the first value of a query is true."""
        deadline = time.monotonic() + TIMEOUT_S
        while not (rows := self.ask(sql)) or not rows[0][0]:
            assert time.monotonic() < deadline, sql
            time.sleep(0.02)

    def require_standby(self) -> None:
        """Acknowledge a commit only once a standby has it."""
        self.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")
        self.ask("SELECT pg_reload_conf()")
        self.wait_for("SELECT sync_state = 'sync' FROM pg_stat_replication")

    def stop_receiving(self) -> None:
        """Have a standby receive nothing more: the network between the two is cut."""
        self.ask("ALTER SYSTEM SET primary_conninfo = ''")
        self.ask("SELECT pg_reload_conf()")
        self.wait_for("SELECT count(*) = 0 FROM pg_stat_wal_receiver")

    def kill(self) -> None:
        """Kill it: its machine is gone."""
        self.store.process.kill()
        self.store.process.wait()

    def promote(self) -> None:
        """Make a standby the primary."""
        self.ask("SELECT pg_promote(true, 30)")


def url(*servers: PostgresServer) -> str:
    """The DATABASE_URL that finds the primary among several servers."""
    hosts = quote(",".join(each.sockets for each in servers))
    wanted = "&target_session_attrs=read-write" if len(servers) > 1 else ""
    return f"postgresql://{postgres.NAME}@/{postgres.NAME}?host={hosts}{wanted}"
