"""The readiness probe."""

import socket

import pytest


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
