"""Fixtures of the archive's tests."""

from tests.support.people import alice, bob, charlie, dana

__all__ = ["alice", "bob", "charlie", "dana"]
