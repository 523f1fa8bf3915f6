"""Fixtures for tests of the client: pages of a real server in a real browser."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page

from apps.accounts.models import User
from tests.client.screen import Screen
from tests.support.browser import chromium, fetch_less, playwright, whole_chromium
from tests.support.live import cast, db, shared_database
from tests.support.people import session_of
from tests.support.servers import Server

__all__ = ["cast", "chromium", "db", "playwright", "shared_database", "whole_chromium"]

OpenPage = Callable[..., Screen]


@pytest.fixture
def open_page(chromium: Browser, site: Server, db: None) -> Iterator[OpenPage]:
    """`open_page(user, path)` opens a page in a new browser in which `user` is signed in.

    `user` may be None; `width` is that of the viewport; `ahead` as in `fetch_less`. The test
    fails for any error on a console, including violations of the content security policy.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def make(
        user: User | None, path: str = "/", *, width: int = 1280, ahead: bool = False
    ) -> Screen:
        context = chromium.new_context(
            viewport={"width": width, "height": 860},
            locale="en-GB",
            timezone_id="Europe/Berlin",
        )
        fetch_less(context, ahead=ahead)
        contexts.append(context)
        if user:
            cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_of(user)}
            context.add_cookies([{**cookie, "url": site.url}])
        page = context.new_page()
        _note_errors(page, errors)
        page.goto(f"{site.url}{path}")
        return Screen(page, site.url)

    yield make
    for context in contexts:
        context.close()
    assert errors == []


def _note_errors(page: Page, errors: list[str]) -> None:
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: line.type == "error" and errors.append(line.text))
