"""Waking workers: soon, once, and never at the cost of the caller."""

import json
import threading

import pytest
from django.conf import settings
from redis import Redis

from apps.core import wake
from apps.core.wake import Wake

QUEUE = "parley:celery"


@pytest.fixture
def queue():
    """The broker's own view of what waits."""
    client = Redis.from_url(settings.REDIS_URL)
    client.delete(QUEUE)
    yield client
    client.delete(QUEUE)


def test_a_task_is_queued_by_its_name(queue):
    Wake("apps.chats.tasks.fetch_previews")()
    _, message = queue.blpop([QUEUE], timeout=20)
    headers = json.loads(message)["headers"]
    assert headers["task"] == "apps.chats.tasks.fetch_previews"
    assert headers["expires"]


def test_several_at_once_are_one_and_the_next_is_another(queue, monkeypatch):
    going, sent = threading.Event(), []
    done = threading.Semaphore(0)

    class Slow:
        def send_task(self, name, **options):
            going.wait(20)
            sent.append(name)
            done.release()

    monkeypatch.setattr(wake, "_sender", Slow)
    rouse = Wake("a")
    for _ in range(5):
        rouse()
    going.set()
    assert done.acquire(timeout=20)
    with rouse._going:
        assert sent == ["a"]
    rouse()
    assert done.acquire(timeout=20)
    assert sent == ["a", "a"]


def test_a_broker_that_is_away_neither_stops_nor_fails_the_caller(monkeypatch):
    asked = threading.Event()

    class Away:
        def send_task(self, name, **options):
            asked.set()
            raise ConnectionError("nobody there")

    monkeypatch.setattr(wake, "_sender", Away)
    rouse = Wake("a")
    rouse()
    assert asked.wait(20)
    with rouse._going:
        asked.clear()
    rouse()
    assert asked.wait(20)
