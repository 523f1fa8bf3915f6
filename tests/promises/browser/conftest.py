"""People at real browsers, whose parts die."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from tests.journeys.conftest import browse, enter, server, service_workers, watch
from tests.support.browser import chromium, playwright
from tests.support.live import cast, db, shared_database

__all__ = [
    "browse",
    "cast",
    "chromium",
    "db",
    "enter",
    "playwright",
    "server",
    "service_workers",
    "shared_database",
    "watch",
]


@pytest.fixture
def kill_worker(chromium: Browser) -> Callable[[], None]:
    """`kill_worker()` ends the SharedWorkers of all open browsers, as a lack of memory does."""
    session = chromium.new_browser_cdp_session()

    def kill() -> None:
        targets = session.send("Target.getTargets", {"filter": [{"type": "shared_worker"}]})
        assert targets["targetInfos"], "no worker runs"
        for target in targets["targetInfos"]:
            session.send("Target.closeTarget", {"targetId": target["targetId"]})

    return kill
