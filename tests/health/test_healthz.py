"""`/healthz` and the page of the admin: which parts work, for whom, and what to do."""

import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.test import Client
from django.utils import timezone
from redis import Redis

from apps.chats.models import Indexed
from apps.core import database, health, probe
from apps.core.database import refusal_of
from apps.core.errors import StorageUnavailable
from apps.core.storage.folder import Folder
from apps.notifications.models import Push
from chatproject.health import components as parts
from chatproject.health import heartbeats
from tests.chats.factories import write
from tests.health.conftest import NO_SPACE
from tests.support.people import signed_in

TOKEN = "a token of the operator's"
LOCAL = {"REMOTE_ADDR": "127.0.0.1"}


@pytest.fixture(autouse=True)
def _patient(monkeypatch, settings):
    monkeypatch.setattr(probe, "WAIT_TIMEOUT_S", 60)
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"


def seen():
    """The status, and the state of each part."""
    found = Client().get("/healthz", **LOCAL).json()
    return found["status"], {name: part["state"] for name, part in found["components"].items()}


def test_each_part_is_named_with_its_state_and_its_last_success(db, at_work):
    answer = Client().get("/healthz", **LOCAL)
    assert answer.status_code == 200
    assert answer.json()["status"] == "ok"
    found = answer.json()["components"]
    assert {name: part["state"] for name, part in found.items()} == {
        "database": "ok",
        "redis": "ok",
        "storage": "ok",
        "workers_celery": "ok",
        "workers_files": "ok",
        "workers_push": "ok",
        "beat": "ok",
        "push_queue": "ok",
        "search_index": "ok",
        "backups": "off",
        "plugins": "ok",
        "mail": "off",
        "identity_provider": "off",
        "microsoft_presence": "off",
    }
    for name in ("database", "redis", "storage", "workers_push", "beat"):
        assert 0 <= found[name]["last_success_s_ago"] < 60
    assert found["mail"]["last_success_s_ago"] is None


def test_strangers_and_members_get_404(db, alice):
    stranger = {"REMOTE_ADDR": "192.0.2.7"}
    assert Client().get("/healthz", **stranger).status_code == 404
    assert signed_in(alice).get("/healthz", **stranger).status_code == 404


def test_programs_with_the_token_and_staff_may_read_it(db, root, settings):
    settings.METRICS_TOKEN = TOKEN
    stranger = {"REMOTE_ADDR": "192.0.2.7"}
    given = {"HTTP_AUTHORIZATION": f"Bearer {TOKEN}"}
    assert Client().get("/healthz", **stranger, **given).status_code == 200
    assert Client().get("/healthz", **LOCAL).status_code == 404
    assert signed_in(root).get("/healthz", **stranger).status_code == 200


def test_behind_a_proxy_with_https_figures_need_a_token(db, settings):
    """A proxy on the same machine may say nothing of those for whom it asks."""
    assert Client().get("/metrics", **LOCAL).status_code == 200
    settings.PUBLIC_URL = "https://chat.example.org"
    for path in ("/metrics", "/healthz"):
        assert Client().get(path, **LOCAL).status_code == 404


def test_workers_that_do_nothing_are_named(db, at_work, settings):
    with Redis.from_url(settings.REDIS_URL) as redis:
        redis.hset(heartbeats.KEY, "push", str(time.time() - parts.MAX_HEARTBEAT_AGE_S - 1))
        redis.hdel(heartbeats.KEY, heartbeats.BEAT)
    status, found = seen()
    assert status == "degraded"
    assert (found["workers_push"], found["beat"]) == ("unavailable", "unavailable")
    assert found["workers_files"] == "ok"


def test_the_clock_of_a_worker_does_not_count(db, at_work, monkeypatch):
    heartbeats._noted.clear()
    with monkeypatch.context() as behind:
        behind.setattr(time, "time", lambda: 0.0)
        heartbeats.note("files")
    assert seen()[1]["workers_files"] == "ok"


def test_a_push_that_is_not_sent_in_time_is_late(db, at_work, alice, chat):
    now = timezone.now()
    row = Push(user=alice, chat_id=chat, first_seq=1, last_seq=1, state="pending", open=True)
    row.due_at = row.newest_due_at = row.created_at = now - timedelta(minutes=5)
    row.save()
    assert seen()[1]["push_queue"] == "late"
    Push.objects.update(due_at=now + timedelta(minutes=5))
    assert seen()[1]["push_queue"] == "ok"


def test_an_index_that_is_behind_is_late(db, at_work, alice, chat, monkeypatch):
    monkeypatch.setattr(parts, "MAX_SEARCH_LAG", 0)
    write(alice, chat, "not indexed yet")
    assert seen()[1]["search_index"] == "late"
    rev = write(alice, chat, "nor this").rev
    Indexed.objects.update_or_create(chat_id=chat, defaults={"rev": rev})
    assert seen()[1]["search_index"] == "ok"


def test_without_redis_the_state_of_workers_is_unknown(db, settings, tmp_path):
    settings.REDIS_URL = f"unix://{tmp_path}/none.sock"
    status, found = seen()
    assert (status, found["redis"], found["workers_push"]) == ("degraded", "unavailable", "unknown")


def test_a_database_whose_disk_is_full_is_named_for_a_while(db, at_work, monkeypatch):
    """Reads go on, and would tell nothing of it."""
    monkeypatch.setattr(database.database_outages, "_full_at", float("-inf"))
    with pytest.raises(OperationalError) as failed, transaction.atomic():
        connection.cursor().execute(NO_SPACE)
    assert refusal_of(failed.value).status == 503
    status, found = seen()
    assert (status, found["database"], found["push_queue"]) == ("unavailable", "full", "ok")
    assert Client().get("/readyz").status_code == 200
    monkeypatch.setattr(database, "FULL_S", 0.0)
    assert seen()[0] == "ok"


def test_without_a_database_no_message_can_be_sent(db, at_work, monkeypatch):
    def away(*_):
        raise OperationalError("the server is gone")

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(connection, "cursor", away, raising=False)
        meanwhile.setattr(health.DedicatedConnection, "cursor", away)
        answer = Client().get("/healthz", **LOCAL)
    assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
    assert answer.json()["components"]["push_queue"]["state"] == "unknown"


def test_a_mail_server_that_does_not_answer_is_named(db, at_work, settings):
    settings.EMAIL_BACKEND = "chatproject.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert seen()[1]["mail"] == "unavailable"


def test_superusers_read_what_to_do(db, at_work, root, moderator, monkeypatch):
    def away(storage):
        raise StorageUnavailable

    monkeypatch.setattr(Folder, "check", away)
    page = signed_in(root).get("/admin/health/").content.decode()
    assert "Check FILES_ROOT or the S3 settings" in page
    assert "Start PostgreSQL" not in page
    refused = signed_in(moderator).get("/admin/health/")
    assert "Check FILES_ROOT" not in refused.content.decode()
