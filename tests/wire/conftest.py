"""Fixtures of the wire's tests: real servers, as for the live tests."""

from tests.support.live import cast, db, device, one_server, shared_database

__all__ = ["cast", "db", "device", "one_server", "shared_database"]
