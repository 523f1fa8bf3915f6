"""Workers and beat come back soon after their broker does."""

from typing import Any
from uuid import uuid4

import pytest
from kombu import connection as kombu_connection
from redis import TimeoutError as NoResponse

from chatproject.broker import MAX_RECONNECT_WAIT_S
from chatproject.celery import app


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
