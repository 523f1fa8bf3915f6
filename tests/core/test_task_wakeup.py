"""Waking workers: soon, once, and never at the cost of the caller."""

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
    """The broker's own view of what waits."""
    client = Redis.from_url(settings.REDIS_URL)
    client.delete(QUEUE)
    yield client
    client.delete(QUEUE)


@pytest.fixture(autouse=True)
def timers(monkeypatch):
    """WakeupTimers of the test's own."""
    made = WakeupTimers()
    monkeypatch.setattr(task_wakeup, "_timers", made)
    return made


class Broker:
    """Counts what it is sent; `go_on` unset: it hangs. `error`: it is away."""

    def __init__(self):
        self.sent = []
        self.asked = threading.Semaphore(0)
        self.done = threading.Semaphore(0)
        self.go_on = threading.Event()
        self.go_on.set()
        self.error = None

    def send_task(self, name, **options):
        if "." in name:
            return  # by the process's own timers: a push that another test left behind
        self.asked.release()
        assert self.go_on.wait(30)
        if self.error:
            raise self.error
        self.sent.append(name)
        self.done.release()


@pytest.fixture
def broker(monkeypatch):
    """In the place of the broker; it answers the thread of the wake-ups when the test ends."""
    made = Broker()
    monkeypatch.setattr(task_wakeup, "_sender", lambda: made)
    yield made
    made.go_on.set()


def test_a_task_is_queued_by_its_name(queue):
    TaskWakeup("apps.chats.tasks.fetch_previews")()
    _, message = queue.blpop([QUEUE], timeout=20)
    headers = json.loads(message)["headers"]
    assert headers["task"] == "apps.chats.tasks.fetch_previews"
    assert headers["expires"]


def test_several_at_once_are_one_and_the_next_is_another(broker):
    broker.go_on.clear()
    rouse = TaskWakeup("a")
    rouse()
    assert broker.asked.acquire(timeout=20)
    for _ in range(5):
        rouse()
    broker.go_on.set()
    assert broker.done.acquire(timeout=20)
    assert broker.done.acquire(timeout=20)
    assert broker.sent == ["a", "a"]


def test_a_wake_up_for_later_comes_then(broker):
    began = time.monotonic()
    TaskWakeup("later").after(1)
    TaskWakeup("now")()
    for _ in range(2):
        assert broker.done.acquire(timeout=20)
    assert broker.sent == ["now", "later"]
    assert time.monotonic() - began >= 1


def test_a_broker_that_is_away_neither_stops_nor_fails_the_caller(broker, caplog):
    broker.error = ConnectionError("nobody there")
    rouse = TaskWakeup("a")
    for _ in range(3):
        rouse()
        assert broker.asked.acquire(timeout=20)
    broker.error = None
    rouse()
    assert broker.done.acquire(timeout=20)
    assert [record.name for record in caplog.records][:1] == ["apps.core.task_wakeup"]
    assert len(caplog.records) <= 2, "a line when it begins, a line when it ends"


def test_a_broker_that_hangs_costs_one_thread(broker, timers):
    broker.go_on.clear()
    before = threading.active_count()
    rouse = TaskWakeup("a")
    for number in range(2_000):
        rouse()
        rouse.after(number % 60)
    assert threading.active_count() == before + 1
    assert len(timers._waiting) <= 125, "one for each half second of the minute ahead"


@pytest.mark.django_db(transaction=True)
def test_no_thread_to_be_had_fails_nothing_that_is_committed(broker, monkeypatch):
    """Hooks that come after the wake-up still run, and the next wake-up works."""

    def refuse(self):
        raise RuntimeError("can't start new thread")

    told = []
    monkeypatch.setattr(publishing, "sinks", [told.extend])
    rouse = TaskWakeup("a")
    with monkeypatch.context() as patch, transaction.atomic():
        patch.setattr(threading.Thread, "start", refuse)
        transaction.on_commit(rouse)
        publish([Publication("person", new_id(), None, effect=EndSessions())])
    assert len(told) == 1
    rouse()
    assert broker.done.acquire(timeout=20)
