"""The embedded PostgreSQL: its data, its lock files, and the user it runs as."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from chatproject.run import namespace, postgres
from chatproject.run.data_dir import DataDir, make_private_dir
from chatproject.run.errors import StartupError
from chatproject.run.postgres_cluster import cluster

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root needs a user namespace")


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


def test_data_survives_a_stop(data_dir):
    with running(data_dir):
        write(data_dir, "CREATE TABLE said AS SELECT 'hello' AS words")
    with running(data_dir):
        assert ask(data_dir, "SELECT words FROM said") == "hello"


def test_committed_data_survives_kill_9_of_the_server(data_dir):
    service = postgres.service(data_dir)
    process = service.start(None)
    while not postgres.ready(data_dir, process.pid):
        time.sleep(0.01)
    write(data_dir, "CREATE TABLE said AS SELECT 'hello' AS words")
    process.kill()
    process.wait()
    with running(data_dir):
        assert ask(data_dir, "SELECT words FROM said") == "hello"


def test_durability_settings_have_their_defaults(data_dir):
    with running(data_dir):
        assert ask(data_dir, "SHOW fsync") == "on"
        assert ask(data_dir, "SHOW synchronous_commit") == "on"
        assert ask(data_dir, "SHOW full_page_writes") == "on"


def test_max_connections_covers_all_services_and_a_reserve(data_dir):
    service = postgres.service(data_dir, connections=500)
    assert f"max_connections={500 + postgres.SPARE_CONNECTIONS}" in service.command


def test_it_listens_on_no_network(data_dir):
    with running(data_dir):
        assert ask(data_dir, "SHOW listen_addresses") == ""


def test_collation_and_case_folding_are_independent_of_the_machine(data_dir):
    with running(data_dir):
        query = "SELECT concat(datlocprovider, datlocale) FROM pg_database WHERE datname = 'parley'"
        assert ask(data_dir, query) == "bC.UTF-8"
        assert ask(data_dir, "SELECT lower('ÄÖÜ')") == "äöü"


def test_extensions_for_search_are_available(data_dir):
    with running(data_dir):
        write(data_dir, "CREATE EXTENSION pg_trgm; CREATE EXTENSION unaccent;")


@pytest.mark.parametrize("lines_after", ["", "\n/data\n1\n5432\n/run\n\n1 2\nready\n"])
def test_a_lock_file_with_the_pid_of_another_program_does_not_prevent_the_start(
    data_dir, lines_after
):
    with running(data_dir):
        pass
    (data_dir.postgres / "postmaster.pid").write_text(f"{os.getpid()}{lines_after}")
    (data_dir.sockets / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    with running(data_dir):
        assert ask(data_dir, "SELECT 1") == 1


def test_a_running_server_on_the_same_data_prevents_the_start(data_dir, monkeypatch):
    monkeypatch.setattr("chatproject.run.postmaster.STOP_TIMEOUT_S", 0.2)
    with running(data_dir) as holder, pytest.raises(StartupError, match=f"process {holder.pid}"):
        postgres.service(data_dir)


def test_data_of_another_major_version_is_refused_with_instructions(data_dir):
    with running(data_dir):
        pass
    (data_dir.postgres / "PG_VERSION").write_text("17\n")
    said = "are of PostgreSQL 17 and the server is 18: run `make upgrade`"
    with pytest.raises(StartupError, match=said):
        postgres.service(data_dir)


def test_a_folder_without_data_is_refused_with_instructions(data_dir):
    """As that of a volume which is mounted there."""
    make_private_dir(data_dir.postgres)
    with pytest.raises(StartupError, match="A volume belongs at"):
        postgres.service(data_dir)


def test_an_interrupted_first_start_leaves_no_partial_data(data_dir):
    half = make_private_dir(data_dir.root / "postgres.new")
    (half / "PG_VERSION").write_text("18\n")
    with running(data_dir):
        assert ask(data_dir, "SELECT 1") == 1
    assert not half.exists()


def test_sockets_move_to_a_short_path_when_the_data_directory_has_a_long_one(
    short_folder,
):
    data_dir = DataDir(make_private_dir(short_folder / ("a" * 60) / ("b" * 60) / "var"))
    assert not data_dir.sockets.is_relative_to(data_dir.root)
    with running(data_dir):
        assert ask(data_dir, "SELECT 1") == 1
    assert data_dir.sockets.stat().st_mode & 0o777 == 0o700
    (data_dir.sockets / "log").unlink(missing_ok=True)
    data_dir.sockets.rmdir()


def test_a_link_in_place_of_the_private_directory_is_refused(short_folder):
    (short_folder / "target").mkdir()
    (short_folder / "link").symlink_to(short_folder / "target")
    with pytest.raises(StartupError, match="not a folder of this user"):
        make_private_dir(short_folder / "link")


def test_the_server_stops_when_its_parent_is_killed(data_dir):
    with running(data_dir):
        pass
    starter = os.fork()
    if starter == 0:
        process = postgres.service(data_dir).start(subprocess.DEVNULL)
        while not postgres.ready(data_dir, process.pid):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(starter, 0)
    with running(data_dir):  # waits until the first server has stopped
        assert ask(data_dir, "SELECT 1") == 1


@AS_ROOT
def test_root_keeps_its_data_in_the_data_directory(data_dir):
    with running(data_dir):
        assert ask(data_dir, "SHOW data_directory") == str(data_dir.postgres)
    assert data_dir.postgres.stat().st_uid == 0


@AS_ROOT
def test_without_user_namespaces_root_gets_one_line_that_names_database_url(data_dir, monkeypatch):
    monkeypatch.setattr(namespace, "is_available", lambda folder: False)
    with pytest.raises(StartupError, match=r"allows no user namespaces.*DATABASE_URL") as refused:
        postgres.service(data_dir)
    assert "\n" not in str(refused.value)
    assert not data_dir.postgres.exists()


@AS_ROOT
def test_a_folder_that_nobody_may_write_to_makes_namespaces_unavailable(short_folder, monkeypatch):
    assert namespace.is_available(short_folder)
    assert not namespace.is_available(short_folder / "missing")
    monkeypatch.setattr(namespace, "CLONE_NEWUSER", 1)  # the kernel refuses an unknown flag
    assert not namespace.is_available(short_folder)


def test_the_error_of_a_failing_program_contains_its_output(data_dir):
    with pytest.raises(StartupError, match=r"initdb failed: .*no-such-option"):
        cluster(data_dir).run("initdb", "--no-such-option")
