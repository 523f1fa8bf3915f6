"""The readiness probe."""

import shutil
import socket
import threading
from collections import namedtuple
from contextlib import ExitStack

import pytest
import redis
from django.conf import settings as configured
from django.db import connection

from apps.core import health, probe
from apps.core.errors import StorageUnavailable
from apps.core.storage import object_storage
from apps.core.storage.folder import Folder
from apps.core.storage.probe import storage_probe
from tests.support.storages import store_in

Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def _no_former_result(settings, tmp_path):
    store_in(settings, tmp_path)
    for each in (storage_probe, health.redis_probe):
        each.forget()
    yield
    for each in (storage_probe, health.redis_probe):
        each.forget()


def test_all_is_ready(db, client, monkeypatch):
    monkeypatch.setattr(probe, "WAIT_TIMEOUT_S", 60)
    answer = client.get("/readyz")
    parts = {"database": "ok", "redis": "ok", "storage": "ok"}
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"} | parts)


def test_an_exhausted_pool_keeps_the_server_in_service(transactional_db, client):
    """Messages are committed on connections outside the pool."""
    connection.close()
    with ExitStack() as stack:
        for _ in range(configured.DATABASE_POOL):
            stack.enter_context(connection.pool.connection())
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (200, "ok")


def test_a_hanging_redis_does_not_delay_the_probe(db, client, settings, tmp_path):
    """An orchestrator's probe times out after some seconds and takes the server out of service."""
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent.sock"))
        silent.listen(64)
        settings.REDIS_URL = f"unix://{tmp_path}/silent.sock"
        answer = client.get("/readyz")
        # It connected once: with the client's own retries the probe would take seconds.
        silent.setblocking(False)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()
    assert (answer.status_code, answer.json()["redis"]) == (200, "unavailable")
    assert answer.json()["status"] == "degraded"


def test_a_name_server_that_does_not_answer_does_not_delay_the_probe(db, client, monkeypatch):
    """Nor do requests meanwhile look up the name, too."""
    go_on, asked = threading.Event(), []

    def look_up():
        asked.append(1)
        go_on.wait()
        raise redis.ConnectionError("no such name")

    monkeypatch.setattr(health, "redis_client", look_up)
    monkeypatch.setattr(health.redis_probe, "_wait_s", 0.001)
    try:
        for _ in range(2):
            answer = client.get("/readyz")
            assert (answer.status_code, answer.json()["redis"]) == (200, "unknown")
        monkeypatch.setattr(probe, "CHECK_TIMEOUT_S", 0.0)
        assert client.get("/readyz").json()["redis"] == "unavailable"
    finally:
        go_on.set()
    assert asked == [1]


@pytest.mark.parametrize("way", ["kill", "hang"])
def test_a_storage_that_is_away_keeps_the_server_in_service(db, client, bucket, seaweedfs, way):
    getattr(seaweedfs, way)()
    # The limit of the check is longer than a probe waits.
    while (answer := client.get("/readyz")).json()["storage"] == "unknown":
        assert answer.json()["status"] == "ok"
    assert (answer.status_code, answer.json()["storage"]) == (200, "unavailable")
    assert (answer.json()["status"], answer.json()["database"]) == ("degraded", "ok")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"S3_SECRET_ACCESS_KEY": "another"}, "refuses the key"),
        ({"S3_BUCKET": "nothing"}, "no such bucket"),
    ],
    ids=str,
)
def test_a_wrong_key_or_bucket_is_named(bucket, settings, tmp_path, wrong, said):
    """The response itself says Forbidden, or Not Found, and no more."""
    store_in(settings, tmp_path, **bucket | wrong)
    with pytest.raises(StorageUnavailable) as refused:
        object_storage().check()
    assert said in str(refused.value.__cause__)


def test_a_check_without_an_end_is_given_up(db, client, monkeypatch):
    go_on = threading.Event()
    monkeypatch.setattr(Folder, "check", lambda storage: go_on.wait())
    monkeypatch.setattr(probe, "WAIT_TIMEOUT_S", 0.001)
    assert client.get("/readyz").json()["storage"] == "unknown"
    monkeypatch.setattr(probe, "CHECK_TIMEOUT_S", 0.0)
    assert client.get("/readyz").json()["storage"] == "unavailable"
    go_on.set()


def test_a_check_that_is_under_way_is_no_failure_where_timeouts_are(monkeypatch):
    go_on = threading.Event()
    slow = probe.Probe("slow", go_on.wait, failures=(OSError,), interval_s=60)
    monkeypatch.setattr(probe, "WAIT_TIMEOUT_S", 0.01)
    assert slow.state() == "unknown"
    go_on.set()
    monkeypatch.setattr(probe, "WAIT_TIMEOUT_S", 60)
    assert slow.state() == "ok"


def test_a_check_that_fails_otherwise_is_logged_and_breaks_nothing_else(caplog):
    """As that of a mail server whose password has a letter that the protocol does not know."""
    wrong = probe.Probe("wrong", lambda: "ä".encode("ascii"), failures=(OSError,), interval_s=60)
    assert wrong.state() == "unavailable"
    assert isinstance(wrong.failure, UnicodeEncodeError)
    assert "the check of wrong failed" in caplog.text


def test_a_folder_on_a_full_disk_is_reported(db, client, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: Usage(100, 100, 0))
    assert client.get("/readyz").json()["storage"] == "unavailable"


def test_probes_share_one_check_of_the_storage(db, client, monkeypatch):
    checks = []
    monkeypatch.setattr(Folder, "check", lambda storage: checks.append(storage))
    for _ in range(5):
        assert client.get("/readyz").json()["storage"] == "ok"
    assert len(checks) == 1
    monkeypatch.setattr(storage_probe, "interval_s", 0.0)
    client.get("/readyz")
    assert len(checks) == 2


def test_a_folder_that_cannot_be_made_is_reported(db, client, settings, tmp_path):
    (tmp_path / "file").touch()
    store_in(settings, tmp_path / "file")
    assert client.get("/readyz").json()["storage"] == "unavailable"
