"""Outages of PostgreSQL as one test sees them."""

from collections.abc import Iterator

import pytest

from apps.core.database import database_outages


@pytest.fixture
def outage_at_once(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Begin without an outage that another test left behind; the first success ends one."""
    monkeypatch.setattr(database_outages, "_settle_s", 0.0)
    database_outages.recovered()
    yield
    database_outages.recovered()
