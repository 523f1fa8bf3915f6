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

from chatproject.run import namespace, postgres, postgres_home
from chatproject.run.errors import CannotRun
from chatproject.run.postgres_home import Home
from chatproject.run.var import Var, private_folder

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to change who it is")


@contextmanager
def running(var: Var) -> Iterator[subprocess.Popen[bytes]]:
    """The server of `var` until the block ends."""
    part = postgres.part(var)
    process = part.start(None)
    deadline = time.monotonic() + 60
    while not postgres.ready(var, process.pid):
        assert process.poll() is None, "it ended"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    try:
        yield process
    finally:
        process.send_signal(part.stop_with)
        assert process.wait(60) == 0


def ask(var: Var, query: str) -> object:
    """One value from the server."""
    with psycopg.connect(postgres.url(var)) as connection:
        row = connection.execute(query).fetchone()
        assert row
        return row[0]


def write(var: Var, query: str) -> None:
    """Run a statement and commit it."""
    with psycopg.connect(postgres.url(var)) as connection:
        connection.execute(query)


def test_data_outlives_a_stop(var: Var) -> None:
    with running(var):
        write(var, "CREATE TABLE said AS SELECT 'hello' AS words")
    with running(var):
        assert ask(var, "SELECT words FROM said") == "hello"


def test_committed_data_outlives_kill_9_of_the_server(var: Var) -> None:
    part = postgres.part(var)
    process = part.start(None)
    while not postgres.ready(var, process.pid):
        time.sleep(0.01)
    write(var, "CREATE TABLE said AS SELECT 'hello' AS words")
    process.kill()
    process.wait()
    with running(var):
        assert ask(var, "SELECT words FROM said") == "hello"


def test_it_is_as_durable_as_postgresql_ships(var: Var) -> None:
    with running(var):
        assert ask(var, "SHOW fsync") == "on"
        assert ask(var, "SHOW synchronous_commit") == "on"
        assert ask(var, "SHOW full_page_writes") == "on"


def test_it_takes_as_many_connections_as_the_parts_may_open(var: Var) -> None:
    part = postgres.part(var, connections=500)
    assert f"max_connections={500 + postgres.SPARE_CONNECTIONS}" in part.command


def test_it_listens_on_no_network(var: Var) -> None:
    with running(var):
        assert ask(var, "SHOW listen_addresses") == ""


def test_names_sort_and_fold_alike_on_every_machine(var: Var) -> None:
    with running(var):
        query = "SELECT concat(datlocprovider, datlocale) FROM pg_database WHERE datname = 'parley'"
        assert ask(var, query) == "bC.UTF-8"
        assert ask(var, "SELECT lower('ÄÖÜ')") == "äöü"


def test_the_extensions_that_search_needs_are_there(var: Var) -> None:
    with running(var):
        write(var, "CREATE EXTENSION pg_trgm; CREATE EXTENSION unaccent;")


@pytest.mark.parametrize("lines_after", ["", "\n/data\n1\n5432\n/run\n\n1 2\nready\n"])
def test_a_lock_file_that_names_a_stranger_does_not_bar_the_start(
    var: Var, lines_after: str
) -> None:
    with running(var):
        pass
    (var.postgres / "postmaster.pid").write_text(f"{os.getpid()}{lines_after}")
    (var.sockets / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    with running(var):
        assert ask(var, "SELECT 1") == 1


def test_a_server_that_holds_the_data_bars_the_start(
    var: Var, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatproject.run.postmaster.STOPPING_TAKES_AT_MOST", 0.2)
    with running(var) as holder, pytest.raises(CannotRun, match=f"process {holder.pid}"):
        postgres.part(var)


def test_another_major_version_is_refused_with_the_way_out(var: Var) -> None:
    with running(var):
        pass
    (var.postgres / "PG_VERSION").write_text("17\n")
    with pytest.raises(CannotRun, match="PostgreSQL 17's and the server is 18: dump it"):
        postgres.part(var)


def test_a_first_start_that_was_cut_short_leaves_nothing_behind(var: Var) -> None:
    half = private_folder(var.root / "postgres.new")
    (half / "PG_VERSION").write_text("18\n")
    with running(var):
        assert ask(var, "SELECT 1") == 1
    assert not half.exists()


def test_a_long_path_puts_the_sockets_elsewhere(short_folder: Path) -> None:
    var = Var(private_folder(short_folder / ("a" * 60) / ("b" * 60) / "var"))
    assert not var.sockets.is_relative_to(var.root)
    with running(var):
        assert ask(var, "SELECT 1") == 1
    assert var.sockets.stat().st_mode & 0o777 == 0o700
    (var.sockets / "log").unlink(missing_ok=True)
    var.sockets.rmdir()


def test_a_sockets_folder_of_somebody_else_is_refused(short_folder: Path) -> None:
    (short_folder / "target").mkdir()
    (short_folder / "link").symlink_to(short_folder / "target")
    with pytest.raises(CannotRun, match="not a folder of this user"):
        private_folder(short_folder / "link")


def test_the_server_goes_with_its_starter(var: Var) -> None:
    with running(var):
        pass
    starter = os.fork()
    if starter == 0:
        process = postgres.part(var).start(subprocess.DEVNULL)
        while not postgres.ready(var, process.pid):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(starter, 0)
    with running(var):  # waits for the one that stops
        assert ask(var, "SELECT 1") == 1


@AS_ROOT
def test_root_keeps_its_data_where_it_was_asked_to(var: Var) -> None:
    with running(var):
        assert ask(var, "SHOW data_directory") == str(var.postgres)
    assert var.postgres.stat().st_uid == 0


@AS_ROOT
def test_where_namespaces_are_refused_root_serves_as_nobody(
    var: Var, short_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short_folder.chmod(0o755)  # as /var/lib is: anybody may pass through
    outside = short_folder / "lib"
    monkeypatch.setattr(postgres_home, "OUTSIDE", outside)
    monkeypatch.setattr(postgres_home, "_way", lambda root: namespace.Way.SETUID)
    home = postgres_home.home_of(var)
    with running(var) as process:
        write(var, "CREATE TABLE said AS SELECT 'hello' AS words")
        owner = Path(f"/proc/{process.pid}").stat().st_uid
    assert owner == namespace.NOBODY
    assert home.data.is_relative_to(outside)
    assert home.sockets.stat().st_mode & 0o007 == 0, "others must not come in"
    with running(var):
        assert ask(var, "SELECT words FROM said") == "hello"


@AS_ROOT
def test_data_in_the_checkout_is_not_left_behind_for_an_empty_one(
    var: Var, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(var):
        pass
    monkeypatch.setattr(postgres_home, "_way", lambda root: namespace.Way.SETUID)
    with pytest.raises(CannotRun, match="cannot be served as root here"):
        postgres.part(var)


def test_a_failing_program_is_told_in_its_own_words(var: Var) -> None:
    home = Home(var.postgres, var.sockets, postgres_home.home_of(var).way)
    with pytest.raises(CannotRun, match=r"initdb failed: .*no-such-option"):
        home.run("initdb", "--no-such-option")
