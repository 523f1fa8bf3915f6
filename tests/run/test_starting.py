"""Checks before the first service starts: lock, keys, address, environment."""

import os
import socket
import stat
import subprocess
from concurrent.futures import ProcessPoolExecutor
from unittest.mock import Mock

import pytest
from py_vapid import Vapid02

from chatproject.config import environment
from chatproject.run import embedded_defaults, keys, release, restore, services, stores
from chatproject.run.address import Address
from chatproject.run.errors import StartupError
from chatproject.run.lock import InstanceLock


def test_a_second_lock_names_the_first_holder(data_dir):
    with InstanceLock(data_dir) as first:
        first.describe("http://127.0.0.1:8000")
        message = f"already running from this checkout \\(process {os.getpid()}, http://127"
        with pytest.raises(StartupError, match=message), InstanceLock(data_dir):
            pass
    with InstanceLock(data_dir):
        pass


def test_a_key_is_created_once_and_only_its_owner_may_read_it(short_folder):
    path = short_folder / "secret_key"
    key = keys.read_or_create(path, keys.new_signing_key)
    assert len(key) >= 64
    assert keys.read_or_create(path, keys.new_push_key) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in short_folder.iterdir()] == ["secret_key"]


def test_simultaneous_first_starts_agree_on_one_key(short_folder):
    with ProcessPoolExecutor(8) as pool:
        futures = [
            pool.submit(keys.read_or_create, short_folder / "secret_key", keys.new_signing_key)
            for _ in range(64)
        ]
    assert len({future.result() for future in futures}) == 1


def test_a_new_push_key_is_a_valid_vapid_key(short_folder):
    key = keys.read_or_create(short_folder / "push_key", keys.new_push_key)
    assert len(Vapid02.from_string(key).public_key.public_numbers().x.to_bytes(32, "big")) == 32


def test_a_taken_port_is_refused_with_a_suggestion():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(StartupError, match=f"Port {port} of 127.0.0.1 is taken: stop .* PORT"):
            Address("127.0.0.1", port).listen()


def test_a_port_can_be_reused_at_once_after_its_connections_closed():
    first = Address("127.0.0.1", 0).listen()
    port = first.getsockname()[1]
    client = socket.create_connection(("127.0.0.1", port))
    served, _ = first.accept()
    served.close()  # the side that closes first is left in TIME_WAIT
    client.close()
    first.close()
    Address("127.0.0.1", port).listen().close()


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "8000 "])
def test_an_invalid_port_is_refused(port, monkeypatch):
    monkeypatch.setenv("PORT", port)
    with pytest.raises(StartupError, match=r"PORT is .*: set it to a number"):
        Address.from_environment()


def test_an_unknown_host_is_refused():
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
def test_the_shown_url_is_reachable_from_this_machine(host, url):
    assert Address(host, 8000).url() == url


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_loopback_addresses_are_recognised(host):
    assert Address(host, 8000).is_loopback


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "chat.example.org"])
def test_other_addresses_are_no_loopback(host):
    assert not Address(host, 8000).is_loopback


@pytest.mark.parametrize("count", ["0", "65", "many", "-1"])
def test_an_invalid_number_of_web_processes_is_refused(count, monkeypatch):
    monkeypatch.setenv("WEB_WORKERS", count)
    with pytest.raises(StartupError, match="WEB_WORKERS is"):
        environment.read("WEB_WORKERS")


@pytest.mark.parametrize(
    ("cores", "own", "workers"),
    [
        (1, {}, 1),
        (2, {}, 1),
        (4, {}, 2),
        (64, {}, 8),
        (8, {"WEB_WORKERS": "3"}, 3),
        (8, {"DATABASE_URL": "postgresql:///mine"}, 1),
    ],
)
def test_web_processes_use_the_cores(monkeypatch, tmp_path, cores, own, workers):
    for name in ("DATABASE_URL", "WEB_WORKERS"):
        # Sets and deletes it, so that what the product sets is undone after the test.
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    for name, value in own.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)))
    monkeypatch.setattr(services, "QUOTA", tmp_path / "none")
    services.set_default_web_workers()
    assert environment.read("WEB_WORKERS") == workers


@pytest.mark.parametrize(
    ("quota", "cores"), [("150000 100000", 1.5), ("max 100000", 8), ("800000 100000", 8), ("", 8)]
)
def test_the_cores_are_those_of_the_control_group(monkeypatch, tmp_path, quota, cores):
    file = tmp_path / "cpu.max"
    file.write_text(quota)
    monkeypatch.setattr(services, "QUOTA", file)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)))
    assert services.usable_cores() == cores


def test_more_connections_than_postgresql_accepts_are_refused_with_a_suggestion(db, monkeypatch):
    release.refuse_too_many_connections()
    monkeypatch.setenv("WEB_WORKERS", "64")
    monkeypatch.setenv("DATABASE_POOL", "8")
    with pytest.raises(StartupError, match=r"may open 857 connections.*lower WEB_WORKERS"):
        release.refuse_too_many_connections()


def test_embedded_defaults_keep_what_the_environment_sets(data_dir, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/parley")
    monkeypatch.delenv("REDIS_URL")
    monkeypatch.delenv("SECRET_KEY")
    monkeypatch.setenv("SECRET_KEY_FILE", "/run/secrets/key")
    embedded_defaults.apply(data_dir)
    assert os.environ["DATABASE_URL"] == "postgresql://elsewhere/parley"
    assert os.environ["REDIS_URL"] == f"unix://{data_dir.sockets}/valkey.sock?db=0"
    assert "SECRET_KEY" not in os.environ, "the file holds it"
    monkeypatch.delenv("REDIS_URL")


def test_commands_know_the_address_of_the_running_server(data_dir, monkeypatch):
    monkeypatch.delenv("PUBLIC_URL", raising=False)
    embedded_defaults.apply(data_dir)
    assert environment.read("PUBLIC_URL") == "http://127.0.0.1:8000", "none has run"
    data_dir.public_url.write_text("http://127.0.0.1:8124")
    embedded_defaults.apply(data_dir)
    assert environment.read("PUBLIC_URL") == "http://127.0.0.1:8124"
    monkeypatch.setenv("PUBLIC_URL", "https://chat.example.org")
    embedded_defaults.apply(data_dir)
    assert environment.read("PUBLIC_URL") == "https://chat.example.org"
    monkeypatch.delenv("PUBLIC_URL")


def test_a_restore_may_replace_the_keys_that_no_operator_has_chosen(data_dir, monkeypatch):
    given = []

    def run(command, **_):
        given.append(os.environ.get("SECRET_KEY"))
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.delenv("SECRET_KEY")
    monkeypatch.setattr(restore, "default_data_dir", lambda: data_dir)
    monkeypatch.setattr(restore, "Supervisor", Mock())
    monkeypatch.setattr(stores, "start", lambda *_: None)
    monkeypatch.setattr(subprocess, "run", run)
    assert restore.main() == 0
    # `manage.py restore` takes what it finds there for an operator's choice.
    assert given == [None]
