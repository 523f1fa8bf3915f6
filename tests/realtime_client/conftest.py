"""Browsers and a scripted server for the client's own logic."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from apps.wire import bodies
from tests.realtime_client.scripted import ScriptedServer
from tests.realtime_client.tab import Tab, open_tab
from tests.support.browser import chromium, playwright, whole_chromium

__all__ = ["chromium", "playwright", "whole_chromium"]

Enter = Callable[..., Tab]


@pytest.fixture(scope="module")
def scripted_server() -> Iterator[ScriptedServer]:
    """One server for the tests of a module."""
    with ScriptedServer().running() as server:
        yield server


@pytest.fixture
def script(scripted_server: ScriptedServer) -> ScriptedServer:
    """The server, empty and without faults."""
    scripted_server.reset()
    return scripted_server


@pytest.fixture
def browsers(chromium: Browser, script: ScriptedServer) -> Iterator[Callable[..., BrowserContext]]:
    """Makes a signed-in browser for each person."""
    opened: list[BrowserContext] = []

    def browser(person: bodies.Person) -> BrowserContext:
        context = chromium.new_context()
        context.add_cookies([{"name": "person", "value": str(person.id), "url": script.url}])
        opened.append(context)
        return context

    yield browser
    for context in opened:
        context.close()


@pytest.fixture
def enter(browsers: Callable[..., BrowserContext], script: ScriptedServer) -> Enter:
    """Opens a tab: `enter(person)` in a browser of its own, or `enter(person, context)`."""

    def tab(
        person: bodies.Person, context: BrowserContext | None = None, release: str = "r1"
    ) -> Tab:
        url = f"{script.url}/page/{person.id}/{release}"
        return open_tab(context or browsers(person), url, release)

    return tab
