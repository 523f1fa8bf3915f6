"""What is settled before anything starts: lock, key, address, environment."""

import os
import socket
import stat
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from py_vapid import Vapid02

from chatproject.run import embedded_defaults, keys, release, services
from chatproject.run.address import Address
from chatproject.run.data_dir import DataDir
from chatproject.run.errors import StartupError
from chatproject.run.lock import Lock


def test_a_second_holder_is_told_who_holds_the_folder(data_dir: DataDir) -> None:
    with Lock(data_dir) as first:
        first.note("http://127.0.0.1:8000")
        message = f"already running from this checkout \\(process {os.getpid()}, http://127"
        with pytest.raises(StartupError, match=message), Lock(data_dir):
            pass
    with Lock(data_dir):
        pass


def test_the_key_is_made_once_and_for_its_owner_alone(short_folder: Path) -> None:
    path = short_folder / "secret_key"
    key = keys.read_or_create(path, keys.new_signing_key)
    assert len(key) >= 64
    assert keys.read_or_create(path, keys.new_push_key) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in short_folder.iterdir()] == ["secret_key"]


def test_first_starts_at_once_agree_on_one_key(short_folder: Path) -> None:
    with ProcessPoolExecutor(8) as pool:
        making = [
            pool.submit(keys.read_or_create, short_folder / "secret_key", keys.new_signing_key)
            for _ in range(64)
        ]
    assert len({made.result() for made in making}) == 1


def test_the_key_of_pushes_is_one_that_push_services_take(short_folder: Path) -> None:
    key = keys.read_or_create(short_folder / "push_key", keys.new_push_key)
    assert len(Vapid02.from_string(key).public_key.public_numbers().x.to_bytes(32, "big")) == 32


def test_a_taken_port_is_one_line_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartupError, match=f"Port {port} of 127.0.0.1 is taken: stop .* PORT"):
            Address("127.0.0.1", port).listen()


def test_a_port_is_free_again_at_once_after_its_connections() -> None:
    first = Address("127.0.0.1", 0).listen()
    port = first.getsockname()[1]
    client = socket.create_connection(("127.0.0.1", port))
    served, _ = first.accept()
    served.close()  # the side that closes first is left in TIME_WAIT
    client.close()
    first.close()
    Address("127.0.0.1", port).listen().close()


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "8000 "])
def test_a_port_that_is_none_is_refused(port: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", port)
    with pytest.raises(StartupError, match=r"PORT is .*: set it to a number"):
        Address.from_environment()


def test_an_unknown_host_is_refused() -> None:
    with pytest.raises(StartupError, match="HOST is 'no such host'"):
        Address("no such host", 8000).listen()


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("chat.example.org", "http://chat.example.org:8000"),
    ],
)
def test_the_address_to_open_is_one_that_a_browser_here_reaches(host: str, url: str) -> None:
    assert Address(host, 8000).url() == url


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_a_loopback_is_for_this_machine_alone(host: str) -> None:
    assert Address(host, 8000).is_loopback


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "chat.example.org"])
def test_any_other_address_is_for_others_too(host: str) -> None:
    assert not Address(host, 8000).is_loopback


@pytest.mark.parametrize("count", ["0", "65", "many", "-1"])
def test_a_nonsensical_number_of_web_processes_is_refused(
    count: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEB_WORKERS", count)
    with pytest.raises(StartupError, match="WEB_WORKERS is"):
        services.web_workers()


def test_more_connections_than_postgresql_takes_are_refused_with_the_way_out(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    release.refuse_too_many_connections()
    monkeypatch.setenv("WEB_WORKERS", "64")
    monkeypatch.setenv("DATABASE_POOL", "8")
    with pytest.raises(StartupError, match=r"may open 648 connections.*lower WEB_WORKERS"):
        release.refuse_too_many_connections()


def test_what_the_environment_says_stands(
    data_dir: DataDir, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/parley")
    monkeypatch.delenv("REDIS_URL")
    monkeypatch.delenv("SECRET_KEY")
    monkeypatch.setenv("SECRET_KEY_FILE", "/run/secrets/key")
    embedded_defaults.apply(data_dir)
    assert os.environ["DATABASE_URL"] == "postgresql://elsewhere/parley"
    assert os.environ["REDIS_URL"] == f"unix://{data_dir.sockets}/valkey.sock?db=0"
    assert "SECRET_KEY" not in os.environ, "the file holds it"
    monkeypatch.delenv("REDIS_URL")
