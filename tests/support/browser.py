"""Chromium for journeys: the system's own, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

# It draws no windows and shows no notifications, and needs half the others' processor time.
SHELL = "chromium-headless-shell"
WHOLE = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def executable(*, whole: bool = False) -> str | None:
    """Where a Chromium is: CHROMIUM, or one on the PATH; a `whole` one shows notifications."""
    names = WHOLE if whole else (SHELL, *WHOLE)
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the tests of a module; give each person a context of their own."""
    yield from launched()


def launched(*, whole: bool = False) -> Iterator[Browser]:
    """A browser, until the generator ends.

    Playwright's synchronous calls keep an event loop running in this thread until then. Hence the
    scope of the fixture, hence Django's leave to use the database there, and hence no `async def`
    test in a module of journeys.
    """
    path = executable(whole=whole)
    if path is None:
        message = "no Chromium: install it, or set CHROMIUM to its path"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    patch = pytest.MonkeyPatch()
    patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
    patch.undo()
