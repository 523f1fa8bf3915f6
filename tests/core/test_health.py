"""The readiness probe."""

import socket
import time


def test_a_hanging_redis_does_not_delay_the_probe(db, client, settings, tmp_path):
    """An orchestrator's probe times out after some seconds and takes the server out of service."""
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent.sock"))
        silent.listen(64)
        settings.REDIS_URL = f"unix://{tmp_path}/silent.sock"
        began = time.monotonic()
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["redis"]) == (200, "unavailable")
    assert time.monotonic() - began < 1.5
