"""Fixtures of the tests of files."""

from tests.support.events import captured_events
from tests.support.people import alice, bob, charlie, chat, crew, dana
from tests.support.seaweedfs import bucket, folder, seaweedfs, seaweedfs_server, storage

__all__ = [
    "alice",
    "bob",
    "bucket",
    "captured_events",
    "charlie",
    "chat",
    "crew",
    "dana",
    "folder",
    "seaweedfs",
    "seaweedfs_server",
    "storage",
]
