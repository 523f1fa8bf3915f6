"""Chromium for journeys: the system's own, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

# It needs half the others' processor time, shows no notifications, and always has the focus.
SHELL = "chromium-headless-shell"
WHOLE = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

# A service worker would fetch all files again in each test, so only `tests/notifications/browser`
# has one. (Playwright's own option to block it logs an error on the console.)
WITHOUT_WORKER = "delete Navigator.prototype.serviceWorker"
# Modules that open on a click are fetched when they are needed. To fetch them ahead, as an idle
# page does (`shell/app.js`), is half of what a page costs.
NOT_AHEAD = """const { requestIdleCallback: idle } = globalThis;
globalThis.requestIdleCallback = (work, options) =>
  options?.timeout > 5000 ? 0 : idle(work, options);"""
# At once, so that a line that is cut soon finds none of them on its way.
AHEAD = "globalThis.requestIdleCallback = (work) => setTimeout(work);"


def fetch_less(context: BrowserContext, *, ahead: bool = False) -> None:
    """Let pages of `context` fetch only what they need, and no service worker.

    `ahead`: they fetch all modules when idle, as people's do. A page that goes offline needs them.
    """
    context.add_init_script(WITHOUT_WORKER)
    context.add_init_script(AHEAD if ahead else NOT_AHEAD)


def executable(*, whole: bool = False) -> str | None:
    """Where a Chromium is: CHROMIUM, or one on the PATH; `whole`: with all that people's have."""
    names = WHOLE if whole else (SHELL, *WHOLE)
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """What drives the browsers of a package of tests; its conftest.py imports all three of these.

    Its synchronous calls keep an event loop running in this thread until the package ends. Hence
    Django's leave to use the database there, and hence no `async def` test in such a package.
    """
    patch = pytest.MonkeyPatch()
    patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as driver:
        yield driver
    patch.undo()


@pytest.fixture(scope="package")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """One browser for many tests; give each person a context of their own."""
    yield from _launched(playwright, executable())


@pytest.fixture(scope="package")
def whole_chromium(playwright: Playwright) -> Iterator[Browser]:
    """One that shows notifications, and loses the focus."""
    yield from _launched(playwright, executable(whole=True))


def _launched(driver: Playwright, path: str | None) -> Iterator[Browser]:
    if path is None:
        message = "no Chromium: install it, or set CHROMIUM to its path"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
    yield browser
    browser.close()
