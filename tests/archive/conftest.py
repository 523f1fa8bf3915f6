"""Fixtures of the archive's tests."""

from tests.support.browser import chromium, playwright
from tests.support.people import alice, bob, charlie, dana

__all__ = ["alice", "bob", "charlie", "chromium", "dana", "playwright"]
