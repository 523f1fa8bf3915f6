"""Slack exports of one day."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.archive.vendors.reading import Read, converted
from tests.archive.vendors.slack_export import export

FIRST = "1577836800.000100"
Reading = Callable[..., Read]


@pytest.fixture
def read(tmp_path: Path) -> Reading:
    def of(*messages: object) -> Read:
        path = export(tmp_path / "slack.zip", {"general/2020-01-01.json": [*messages]})
        return converted("slack", path)

    return of
