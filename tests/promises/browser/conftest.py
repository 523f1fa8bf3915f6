"""Fixtures for tests that kill parts of real browsers."""

from collections.abc import Callable
from time import monotonic

import pytest
from playwright.sync_api import Browser

from tests.journeys.conftest import browse, enter, server, service_workers, watch
from tests.journeys.screen import Screen
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


Kill = Callable[[Screen], None]
WORKER_TIMEOUT_S = 30


@pytest.fixture
def kill_worker(chromium: Browser) -> Kill:
    """`kill_worker(screen)` ends the SharedWorker of a browser, as a lack of memory does. It waits
    for one to run."""
    session = chromium.new_browser_cdp_session()

    def kill(screen: Screen) -> None:
        page = screen.page.context.new_cdp_session(screen.page)
        here = page.send("Target.getTargetInfo")["targetInfo"]["browserContextId"]
        page.detach()
        end = monotonic() + WORKER_TIMEOUT_S
        while monotonic() < end:
            found = session.send("Target.getTargets", {"filter": [{"type": "shared_worker"}]})
            ids = [
                one["targetId"]
                for one in found["targetInfos"]
                if one.get("browserContextId") == here
            ]
            for target in ids:
                session.send("Target.closeTarget", {"targetId": target})
            if ids:
                return
        pytest.fail("no worker runs")

    return kill
