"""What a probe of the server is told."""

import socket
import time


def test_a_redis_that_hangs_does_not_hold_up_the_probe(db, client, settings, tmp_path):
    """Probes of an orchestrator wait for seconds, and then turn people away."""
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent.sock"))
        silent.listen(64)
        settings.REDIS_URL = f"unix://{tmp_path}/silent.sock"
        began = time.monotonic()
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["redis"]) == (200, "unavailable")
    assert time.monotonic() - began < 1.5
