"""Workers and beat come back soon after their broker does."""

from typing import Any

import pytest
from kombu import connection as kombu_connection

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
