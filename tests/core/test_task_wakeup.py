"""`TaskWakeup`: tasks start soon, wake-ups are merged, and callers never wait or fail."""

import json
import threading
import time

import pytest
from django.conf import settings
from django.db import transaction
from redis import Redis

from apps.core import task_wakeup
from apps.core.identifiers import new_id
from apps.core.task_wakeup import TaskWakeup, WakeupTimers
from apps.wire import publish as publishing
from apps.wire.publish import EndSessions, Publication, publish

QUEUE = "parley:celery"


@pytest.fixture
def queue():
    """The queue as the broker stores it."""
    client = Redis.from_url(settings.REDIS_URL)
    client.delete(QUEUE)
    yield client
    client.delete(QUEUE)


@pytest.fixture(autouse=True)
def timers(monkeypatch):
    """Timers used by this test only."""
    made = WakeupTimers()
    monkeypatch.setattr(task_wakeup, "_timers", made)
    return made


class Broker:
    """Records the tasks it is sent; hangs while `go_on` is unset, raises `error` if it is set."""

    def __init__(self):
        self.sent = []
        self.asked = threading.Semaphore(0)
        self.done = threading.Semaphore(0)
        self.go_on = threading.Event()
        self.go_on.set()
        self.error = None

    def send_task(self, name, **options):
        if "." in name:
            return  # from the process's own timers: a push that another test left behind
        self.asked.release()
        assert self.go_on.wait(30)
        if self.error:
            raise self.error
        self.sent.append(name)
        self.done.release()


@pytest.fixture
def broker(monkeypatch):
    """A fake broker. At the end of the test it releases the thread that sends wake-ups."""
    made = Broker()
    monkeypatch.setattr(task_wakeup, "_sender", lambda: made)
    yield made
    made.go_on.set()


def test_a_wakeup_queues_the_task_by_name_with_an_expiry(queue):
    TaskWakeup("apps.chats.tasks.fetch_previews")()
    _, message = queue.blpop([QUEUE], timeout=20)
    headers = json.loads(message)["headers"]
    assert headers["task"] == "apps.chats.tasks.fetch_previews"
    assert headers["expires"]


def test_wakeups_during_a_send_are_merged_into_one(broker):
    broker.go_on.clear()
    wake = TaskWakeup("a")
    wake()
    assert broker.asked.acquire(timeout=20)
    for _ in range(5):
        wake()
    broker.go_on.set()
    assert broker.done.acquire(timeout=20)
    assert broker.done.acquire(timeout=20)
    assert broker.sent == ["a", "a"]


def test_a_delayed_wakeup_is_sent_after_its_delay(broker):
    began = time.monotonic()
    TaskWakeup("later").after(1)
    TaskWakeup("now")()
    for _ in range(2):
        assert broker.done.acquire(timeout=20)
    assert broker.sent == ["now", "later"]
    assert time.monotonic() - began >= 1


def test_an_unavailable_broker_neither_blocks_nor_fails_the_caller(broker, caplog):
    broker.error = ConnectionError("nobody there")
    wake = TaskWakeup("a")
    for _ in range(3):
        wake()
        assert broker.asked.acquire(timeout=20)
    broker.error = None
    wake()
    assert broker.done.acquire(timeout=20)
    assert [record.name for record in caplog.records][:1] == ["apps.core.task_wakeup"]
    assert len(caplog.records) <= 2, "one line when the outage begins, one when it ends"


def test_a_hanging_broker_blocks_one_thread_and_the_queue_is_bounded(broker, timers):
    broker.go_on.clear()
    before = threading.active_count()
    wake = TaskWakeup("a")
    for number in range(2_000):
        wake()
        wake.after(number % 60)
    assert threading.active_count() == before + 1
    assert len(timers._waiting) <= 125, "one per half second of the next minute"


@pytest.mark.django_db(transaction=True)
def test_a_thread_that_cannot_start_does_not_fail_the_commit(broker, monkeypatch):
    """Later on-commit hooks still run, and the next wake-up works."""

    def refuse(self):
        raise RuntimeError("can't start new thread")

    told = []
    monkeypatch.setattr(publishing, "sinks", [told.extend])
    wake = TaskWakeup("a")
    with monkeypatch.context() as patch, transaction.atomic():
        patch.setattr(threading.Thread, "start", refuse)
        transaction.on_commit(wake)
        publish([Publication("person", new_id(), None, effect=EndSessions())])
    assert len(told) == 1
    wake()
    assert broker.done.acquire(timeout=20)
