"""The embedded Valkey."""

import os
import time

import redis

from chatproject.run import valkey
from chatproject.run.var import Var


def test_it_serves_its_url_and_nobody_else(var: Var) -> None:
    process = valkey.part(var).start(None)
    try:
        while not valkey.ready(var):
            assert process.poll() is None
            time.sleep(0.01)
        client = redis.Redis.from_url(valkey.url(var))
        assert client.set("a", "b")
        assert client.config_get("port")["port"] == "0"
        assert os.stat(valkey.path(var)).st_mode & 0o077 == 0
    finally:
        process.terminate()
        assert process.wait(30) == 0


def test_nothing_answers_before_it_starts(var: Var) -> None:
    assert not valkey.ready(var)
