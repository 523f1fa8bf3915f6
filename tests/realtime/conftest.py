"""Fixtures of the live tests."""

from tests.support.live import (
    cast,
    db,
    device,
    fresh_servers,
    one_server,
    shared_database,
)

__all__ = [
    "cast",
    "db",
    "device",
    "fresh_servers",
    "one_server",
    "shared_database",
]
