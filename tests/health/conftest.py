"""Fixtures of the tests of health."""

import os

import pytest
from redis import Redis

from apps.core.storage.probe import storage_probe
from chatproject.health import heartbeats
from chatproject.health.components import mail_probe
from tests.moderation.conftest import moderator, root
from tests.support.people import alice, bob, chat
from tests.support.storages import store_in

__all__ = ["alice", "at_work", "bob", "chat", "moderator", "root"]

# What PostgreSQL says when its disk is full (SQLSTATE 53100).
NO_SPACE = "DO $$ BEGIN RAISE 'could not extend file' USING ERRCODE = '53100'; END $$"


@pytest.fixture(autouse=True)
def _no_former_result(settings, tmp_path):
    store_in(settings, tmp_path)
    probes = (storage_probe, mail_probe)
    for probe in probes:
        probe.forget()
    yield
    for probe in probes:
        probe.forget()
    heartbeats._noted.clear()
    with Redis.from_url(os.environ["REDIS_URL"]) as redis:
        redis.delete(heartbeats.KEY)


@pytest.fixture
def at_work():
    """Workers of all queues, and beat."""
    for name in ("celery", "files", "push", heartbeats.BEAT):
        heartbeats.note(name)
