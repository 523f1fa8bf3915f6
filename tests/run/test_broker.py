"""Workers and beat come back soon after their broker does."""

import socket
from typing import Any
from uuid import uuid4

import pytest
from kombu import connection as kombu_connection
from redis import TimeoutError as NoResponse

from apps.core import task_queues
from apps.core.health import redis_client
from chatproject.broker import MAX_RECONNECT_WAIT_S
from chatproject.celery import app
from chatproject.run.worker_probe import works
from tests.support.deployed import wait_until
from tests.support.workers import workers

__all__ = ["workers"]


def test_an_outage_of_minutes_does_not_make_the_next_attempt_late(monkeypatch: pytest.MonkeyPatch):
    waits = []

    def attempt(fun: Any, catch: Any, args: Any, kwargs: Any, *rest: Any, **_: Any) -> None:
        _, _, start, step, most = rest[:5]
        waits.extend(min(start + n * step, most) for n in range(30))

    monkeypatch.setattr(kombu_connection, "retry_over_time", attempt)
    app.connection_for_read().ensure_connection(None, None)
    assert len(waits) == 30
    assert max(waits) == MAX_RECONNECT_WAIT_S


@pytest.mark.parametrize("way", ["ack_log_error", "reject_log_error"])
def test_a_message_that_cannot_be_acknowledged_takes_no_place(way: str):
    """The broker hung for some seconds, without an end of the connection."""

    def hang(*_: object, **__: object) -> None:
        raise NoResponse("Timeout reading from socket")

    with app.connection_for_read() as connection, connection.channel() as channel:
        queue = connection.SimpleQueue(f"test-{uuid4().hex}", channel=channel)
        queue.put("work")
        message = queue.get(timeout=5)
        channel.basic_qos(0, 1, False)
        assert not channel.qos.can_consume()
        channel.qos._remove_from_indices = hang
        getattr(message, way)(kombu_connection.logger, connection.connection_errors)
        assert channel.qos.can_consume()
        del channel.qos._remove_from_indices
        queue.clear()


def test_the_age_of_the_oldest_task_is_known():
    queue, quiet = f"test-{uuid4().hex}", f"test-{uuid4().hex}"
    for _ in range(2):
        app.send_task("nothing", queue=queue)
    with redis_client() as client:
        key = f"parley:{queue}"
        oldest = client.lindex(key, -1)
        ages = task_queues.oldest_waits([queue, quiet])
        assert ages[queue] > 0
        assert ages[quiet] == 0
        # Of the release before, without a time.
        client.rpush(key, oldest.replace(b"queued_at", b"something"))
        assert task_queues.oldest_waits([queue]) == {queue: 0}
        client.delete(key)


def test_a_worker_that_answers_and_takes_no_tasks_fails_its_health_check(workers):
    workers.files()
    name = f"files@{socket.gethostname()}"
    wait_until(lambda: works(name, standstill_s=0.0))
    app.control.cancel_consumer("files", destination=[name], reply=True)
    app.send_task("apps.files.tasks.process_files")
    assert not works(name, standstill_s=0.0)
    assert works(name)  # it may take them soon
    app.control.add_consumer("files", destination=[name], reply=True)
