"""`make upgrade`: data of an older PostgreSQL are moved to the one of the wheel."""

from contextlib import contextmanager
from pathlib import Path

import pytest

from chatproject.run import postgres, upgrade_database
from chatproject.run.data_dir import DataDir
from chatproject.run.errors import StartupError
from chatproject.run.postgres_cluster import PostgresCluster, cluster
from chatproject.run.postmaster import status
from chatproject.run.supervisor import Supervisor

OLD = Path("/usr/lib/postgresql/15/bin")
FILL = """
CREATE EXTENSION pg_trgm;
CREATE TABLE words (id bigserial PRIMARY KEY, word text NOT NULL);
CREATE INDEX ON words USING gin (word gin_trgm_ops);
INSERT INTO words (word) SELECT 'wörd ' || n FROM generate_series(1, 1000) AS n;
"""
pytestmark = pytest.mark.skipif(not OLD.exists(), reason="Debian's PostgreSQL 15 is not installed")


@contextmanager
def running(server, service):
    supervisor = Supervisor()
    try:
        started = supervisor.start(service)
        supervisor.wait_until(
            lambda pid: status(server.data) == (pid, "ready"), started, timeout_s=60
        )
        yield
    finally:
        supervisor.stop()


@pytest.fixture
def data_dir(tmp_path):
    """Data of PostgreSQL 15 with a table and another database."""
    made = DataDir(tmp_path)
    old = PostgresCluster(made.postgres, made.sockets, OLD)
    old.prepare()
    old.run(
        *("initdb", "--pgdata", str(old.data), "--username", "parley", "--auth", "trust"),
        *("--encoding", "UTF8", "--locale", "C", "--no-sync"),
    )
    with running(old, postgres.of_cluster(old, upgrade_database.SETTINGS)):
        at = ("-h", str(made.sockets), "-U", "parley")
        old.run("createdb", *at, "other")
        old.run("createdb", *at, "parley")
        old.run("psql", *at, "-d", "parley", "-c", FILL)
    return made


def count(data_dir):
    """The rows of the table, by a start of the product."""
    service = postgres.service(data_dir)
    server = cluster(data_dir)
    with running(server, service):
        at = ("-h", str(data_dir.sockets), "-U", "parley", "parley")
        return server.run("psql", *at, "-Atc", "SELECT count(*), max(word) FROM words").strip()


def test_an_upgrade_moves_everything(data_dir):
    with pytest.raises(StartupError, match="are of PostgreSQL 15 and the server is 18: run `make"):
        postgres.service(data_dir)
    # Of an upgrade that was killed.
    (data_dir.root / "postgres.new").mkdir()
    said = upgrade_database.upgrade(data_dir, programs=OLD)
    assert said.startswith("PostgreSQL 15 became 18: 1000 rows of 1 tables.")
    assert (data_dir.root / "postgres-15/PG_VERSION").read_text().strip() == "15"
    # It was killed before the new data were in their place.
    data_dir.postgres.rename(data_dir.root / "postgres.upgraded")
    assert count(data_dir) == "1000|wörd 999"
    assert upgrade_database.upgrade(data_dir) == "The data are of PostgreSQL 18 already."


def test_a_failed_upgrade_changes_nothing(data_dir, monkeypatch):
    def fail(*_):
        raise StartupError("no room")

    monkeypatch.setattr(upgrade_database, "_copy", fail)
    with pytest.raises(StartupError, match="no room"):
        upgrade_database.upgrade(data_dir, programs=OLD)
    assert (data_dir.postgres / "PG_VERSION").read_text().strip() == "15"
    assert not (data_dir.root / "postgres-15").exists()
