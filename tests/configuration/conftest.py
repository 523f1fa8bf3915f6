"""Fixtures of the tests of settings that change while the server runs: those of moderation."""

from tests.moderation.conftest import (
    _fresh_counters,
    _proof_is_tested_elsewhere,
    alice,
    bob,
    captured_events,
    charlie,
    dana,
    moderator,
    root,
)

__all__ = [
    "_fresh_counters",
    "_proof_is_tested_elsewhere",
    "alice",
    "bob",
    "captured_events",
    "charlie",
    "dana",
    "moderator",
    "root",
]
