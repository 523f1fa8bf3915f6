"""A rule that holds messages."""

import pytest

from apps.moderation.actions import rules
from tests.moderation.held.holding import add


@pytest.fixture(autouse=True)
def _rule(db, monkeypatch):
    monkeypatch.setattr(rules, "_known", rules._Known())
    add("cheap pills")
