"""The embedded PostgreSQL: its data, its lock files, and whom it runs as."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from chatproject.run import namespace, postgres, postgres_cluster
from chatproject.run.data_dir import DataDir, make_private_dir
from chatproject.run.errors import StartupError
from chatproject.run.postgres_cluster import PostgresCluster

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to change who it is")


@contextmanager
def running(data_dir: DataDir) -> Iterator[subprocess.Popen[bytes]]:
    """The server of `var` until the block ends."""
    service = postgres.service(data_dir)
    process = service.start(None)
    deadline = time.monotonic() + 60
    while not postgres.ready(data_dir, process.pid):
        assert process.poll() is None, "it ended"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    try:
        yield process
    finally:
        process.send_signal(service.stop_signal)
        assert process.wait(60) == 0


def ask(data_dir: DataDir, query: str) -> object:
    """One value from the server."""
    with psycopg.connect(postgres.url(data_dir)) as connection:
        row = connection.execute(query).fetchone()
        assert row
        return row[0]


def write(data_dir: DataDir, query: str) -> None:
    """Run a statement and commit it."""
    with psycopg.connect(postgres.url(data_dir)) as connection:
        connection.execute(query)


def test_data_outlives_a_stop(data_dir: DataDir) -> None:
    with running(data_dir):
        write(data_dir, "CREATE TABLE said AS SELECT 'hello' AS words")
    with running(data_dir):
        assert ask(data_dir, "SELECT words FROM said") == "hello"


def test_committed_data_outlives_kill_9_of_the_server(data_dir: DataDir) -> None:
    service = postgres.service(data_dir)
    process = service.start(None)
    while not postgres.ready(data_dir, process.pid):
        time.sleep(0.01)
    write(data_dir, "CREATE TABLE said AS SELECT 'hello' AS words")
    process.kill()
    process.wait()
    with running(data_dir):
        assert ask(data_dir, "SELECT words FROM said") == "hello"


def test_it_is_as_durable_as_postgresql_ships(data_dir: DataDir) -> None:
    with running(data_dir):
        assert ask(data_dir, "SHOW fsync") == "on"
        assert ask(data_dir, "SHOW synchronous_commit") == "on"
        assert ask(data_dir, "SHOW full_page_writes") == "on"


def test_it_takes_as_many_connections_as_the_parts_may_open(data_dir: DataDir) -> None:
    service = postgres.service(data_dir, connections=500)
    assert f"max_connections={500 + postgres.SPARE_CONNECTIONS}" in service.command


def test_it_listens_on_no_network(data_dir: DataDir) -> None:
    with running(data_dir):
        assert ask(data_dir, "SHOW listen_addresses") == ""


def test_names_sort_and_fold_alike_on_every_machine(data_dir: DataDir) -> None:
    with running(data_dir):
        query = "SELECT concat(datlocprovider, datlocale) FROM pg_database WHERE datname = 'parley'"
        assert ask(data_dir, query) == "bC.UTF-8"
        assert ask(data_dir, "SELECT lower('ÄÖÜ')") == "äöü"


def test_the_extensions_that_search_needs_are_there(data_dir: DataDir) -> None:
    with running(data_dir):
        write(data_dir, "CREATE EXTENSION pg_trgm; CREATE EXTENSION unaccent;")


@pytest.mark.parametrize("lines_after", ["", "\n/data\n1\n5432\n/run\n\n1 2\nready\n"])
def test_a_lock_file_that_names_a_stranger_does_not_bar_the_start(
    data_dir: DataDir, lines_after: str
) -> None:
    with running(data_dir):
        pass
    (data_dir.postgres / "postmaster.pid").write_text(f"{os.getpid()}{lines_after}")
    (data_dir.sockets / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    with running(data_dir):
        assert ask(data_dir, "SELECT 1") == 1


def test_a_server_that_holds_the_data_bars_the_start(
    data_dir: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatproject.run.postmaster.STOP_TIMEOUT_S", 0.2)
    with running(data_dir) as holder, pytest.raises(StartupError, match=f"process {holder.pid}"):
        postgres.service(data_dir)


def test_another_major_version_is_refused_with_the_way_out(data_dir: DataDir) -> None:
    with running(data_dir):
        pass
    (data_dir.postgres / "PG_VERSION").write_text("17\n")
    with pytest.raises(StartupError, match="PostgreSQL 17's and the server is 18: dump it"):
        postgres.service(data_dir)


def test_a_first_start_that_was_cut_short_leaves_nothing_behind(data_dir: DataDir) -> None:
    half = make_private_dir(data_dir.root / "postgres.new")
    (half / "PG_VERSION").write_text("18\n")
    with running(data_dir):
        assert ask(data_dir, "SELECT 1") == 1
    assert not half.exists()


def test_a_long_path_puts_the_sockets_elsewhere(short_folder: Path) -> None:
    data_dir = DataDir(make_private_dir(short_folder / ("a" * 60) / ("b" * 60) / "var"))
    assert not data_dir.sockets.is_relative_to(data_dir.root)
    with running(data_dir):
        assert ask(data_dir, "SELECT 1") == 1
    assert data_dir.sockets.stat().st_mode & 0o777 == 0o700
    (data_dir.sockets / "log").unlink(missing_ok=True)
    data_dir.sockets.rmdir()


def test_a_sockets_folder_of_somebody_else_is_refused(short_folder: Path) -> None:
    (short_folder / "target").mkdir()
    (short_folder / "link").symlink_to(short_folder / "target")
    with pytest.raises(StartupError, match="not a folder of this user"):
        make_private_dir(short_folder / "link")


def test_the_server_goes_with_its_starter(data_dir: DataDir) -> None:
    with running(data_dir):
        pass
    starter = os.fork()
    if starter == 0:
        process = postgres.service(data_dir).start(subprocess.DEVNULL)
        while not postgres.ready(data_dir, process.pid):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(starter, 0)
    with running(data_dir):  # waits for the one that stops
        assert ask(data_dir, "SELECT 1") == 1


@AS_ROOT
def test_root_keeps_its_data_where_it_was_asked_to(data_dir: DataDir) -> None:
    with running(data_dir):
        assert ask(data_dir, "SHOW data_directory") == str(data_dir.postgres)
    assert data_dir.postgres.stat().st_uid == 0


@AS_ROOT
def test_where_namespaces_are_refused_root_serves_as_nobody(
    data_dir: DataDir, short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short_folder.chmod(0o755)  # as /var/lib is: anybody may pass through
    outside = short_folder / "lib"
    monkeypatch.setattr(postgres_cluster, "OUTSIDE", outside)
    monkeypatch.setattr(postgres_cluster, "_way", lambda root: namespace.Way.SETUID)
    home = postgres_cluster.cluster(data_dir)
    with running(data_dir) as process:
        write(data_dir, "CREATE TABLE said AS SELECT 'hello' AS words")
        owner = Path(f"/proc/{process.pid}").stat().st_uid
    assert owner == namespace.NOBODY
    assert home.data.is_relative_to(outside)
    assert home.sockets.stat().st_mode & 0o007 == 0, "others must not come in"
    with running(data_dir):
        assert ask(data_dir, "SELECT words FROM said") == "hello"


@AS_ROOT
def test_data_in_the_checkout_is_not_left_behind_for_an_empty_one(
    data_dir: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(data_dir):
        pass
    monkeypatch.setattr(postgres_cluster, "_way", lambda root: namespace.Way.SETUID)
    with pytest.raises(StartupError, match="cannot be served as root here"):
        postgres.service(data_dir)


def test_a_failing_program_is_told_in_its_own_words(data_dir: DataDir) -> None:
    home = PostgresCluster(
        data_dir.postgres, data_dir.sockets, postgres_cluster.cluster(data_dir).way
    )
    with pytest.raises(StartupError, match=r"initdb failed: .*no-such-option"):
        home.run("initdb", "--no-such-option")
