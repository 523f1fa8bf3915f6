"""The embedded Valkey."""

import os
import time

import redis

from chatproject.run import valkey


def test_valkey_serves_its_url_to_its_owner_only(data_dir):
    process = valkey.service(data_dir).start(None)
    try:
        while not valkey.ready(data_dir):
            assert process.poll() is None
            time.sleep(0.01)
        client = redis.Redis.from_url(valkey.url(data_dir))
        assert client.set("a", "b")
        assert client.config_get("port")["port"] == "0"
        assert os.stat(valkey.socket_path(data_dir)).st_mode & 0o077 == 0
    finally:
        process.terminate()
        assert process.wait(30) == 0


def test_valkey_is_not_ready_before_its_start(data_dir):
    assert not valkey.ready(data_dir)
