"""Fixtures for journeys: real browsers and a real server. Any console error fails the test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import NamedTuple
from uuid import UUID

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, expect

from apps.accounts.models import User
from apps.chats.actions import groups
from tests.journeys.screen import Screen
from tests.journeys.watch import Watch
from tests.realtime_client.proxy import Proxy
from tests.support.browser import chromium, fetch_less, playwright, whole_chromium
from tests.support.epochs import keep_epoch
from tests.support.live import (
    Cast,
    cast,
    database,
    db,
    fresh_servers,
    meet,
    shared_database,
)
from tests.support.people import in_touch, session_of
from tests.support.servers import Server

__all__ = [
    "Cast",
    "cast",
    "chromium",
    "db",
    "fresh_servers",
    "playwright",
    "shared_database",
    "whole_chromium",
]

TIMEOUT_MS = 30_000
expect.set_options(timeout=TIMEOUT_MS)

Browse = Callable[..., BrowserContext]
Enter = Callable[..., Screen]


@pytest.fixture
def server(site: Server) -> Server:
    """One server for all journeys."""
    return site


@pytest.fixture
def crew(cast: Cast) -> Cast:
    """The cast, with Charlie as a contact of Alice, too."""
    database(in_touch, cast.alice, cast.charlie)
    return cast


@pytest.fixture
def proxy(server: Server, chromium: Browser) -> Iterator[Proxy]:
    """A line of one's own to the server, to be cut or made to lie."""
    others = set(chromium.contexts)
    with Proxy(server.url).running() as made:
        yield made
        # A page that still loads a module would log that the line is gone.
        for context in set(chromium.contexts) - others:
            context.close()


@pytest.fixture
def watch(chromium: Browser) -> Iterator[Watch]:
    """Collects errors of all browsers of the test; any error fails it."""
    watching = Watch.of(chromium)
    yield watching
    assert watching.take() == []


@pytest.fixture
def service_workers() -> bool:
    """Whether the browsers have service workers."""
    return False


@contextmanager
def browsing(chromium: Browser, watch: Watch, *, service_workers: bool = False) -> Iterator[Browse]:
    """`browse`; the browsers are closed at the end."""
    with ExitStack() as stack:

        def make(*, ahead: bool = False, **options: object) -> BrowserContext:
            wanted = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", **options}
            context = chromium.new_context(**wanted)
            stack.callback(context.close)
            if not service_workers:
                fetch_less(context, ahead=ahead)
            context.set_default_timeout(TIMEOUT_MS)
            watch.over(context)
            return context

        yield make


@pytest.fixture
def browse(chromium: Browser, watch: Watch, service_workers: bool) -> Iterator[Browse]:
    """`browse()` opens a new browser without a session, by default 1280 × 800 and light.

    `ahead`: an idle page fetches all modules, as it does for people. A page that is used offline
    needs them.
    """
    with browsing(chromium, watch, service_workers=service_workers) as make:
        yield make


def signed_in(context: BrowserContext, user: User, address: str) -> BrowserContext:
    """The browser, with a new session of the person."""
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_of(user)}
    context.add_cookies([{**cookie, "url": address}])
    return context


@pytest.fixture
def enter(browse: Browse, server: Server, db: None) -> Enter:
    """`enter(user)` opens the app in a new browser in which the person is signed in.

    `path` is where; `via` another server or a line; `beside` another screen, to share its browser;
    `alone`: a browser without shared workers, so that the page's clock is the only one, and can be
    turned; the rest describes the browser.
    """

    def make(
        user: User,
        path: str = "/",
        *,
        via: Server | Proxy | None = None,
        beside: Screen | None = None,
        alone: bool = False,
        **options: object,
    ) -> Screen:
        address = (via or server).url
        if beside:
            context = beside.page.context
        else:
            context = browse(ahead=isinstance(via, Proxy), **options)
            signed_in(context, user, address)
        if alone:
            context.add_init_script("delete globalThis.SharedWorker")
        page = context.new_page()
        if alone:
            page.clock.install()
        page.goto(address + path)
        return Screen(page, address).ready()

    return make


class Talk(NamedTuple):
    """Alice and Bob look at a new group of the two."""

    alice: Screen
    bob: Screen
    chat: UUID
    cast: Cast


class Company:
    """People whose browsers stay open for all tests of a module.

    `cast`: Alice, in touch with Bob and Charlie, and the others of a cast.
    """

    def __init__(self, cast: Cast, open_screen: Callable[[User], Screen]) -> None:
        self.cast = cast
        self._open_screen = open_screen
        self._screens: dict[tuple[str, int], Screen] = {}

    def screens(self, *names: str) -> list[Screen]:
        """A screen for each name, as a page that was just loaded at `/`. A name that is repeated is
        the same person on another device. Only the first test that uses a screen loads a page."""
        found = []
        for place, name in enumerate(names):
            key = name, names[:place].count(name)
            if key in self._screens:
                self._screens[key].close_dialogs().leave()
            else:
                self._screens[key] = self._open_screen(getattr(self.cast, name))
            found.append(self._screens[key])
        return found

    def group(self, *names: str) -> UUID:
        """A new group that the first one of these people made with the others."""
        owner, *others = (getattr(self.cast, name).id for name in names)
        return database(groups.create_group, owner, "Crew", others)

    def reload(self) -> None:
        """Load all pages again: a test that failed may have left anything in them."""
        for screen in self._screens.values():
            screen.go("/")


@pytest.fixture(scope="module")
def module_company(
    chromium: Browser, site: Server, shared_database: None
) -> Iterator[tuple[Company, list[int]]]:
    """What `company` shares, and how many tests had failed when it was last used."""
    keep_epoch()
    with browsing(chromium, Watch.of(chromium)) as browse:
        people = database(meet)
        database(in_touch, people.alice, people.charlie)

        def open_screen(user: User) -> Screen:
            page = signed_in(browse(), user, site.url).new_page()
            return Screen(page, site.url).go("/")

        yield Company(people, open_screen), [0]


@pytest.fixture
def company(
    module_company: tuple[Company, list[int]],
    request: pytest.FixtureRequest,
    watch: Watch,
    db: None,
) -> Company:
    """People in browsers that stay open, without loading pages: for tests that leave nothing behind
    but groups. A page costs more than most of what tests do with it."""
    made, failed = module_company
    if failed != [request.session.testsfailed]:
        failed[:] = [request.session.testsfailed]
        made.reload()
    return made


@pytest.fixture
def talk(company: Company) -> Talk:
    """Alice and Bob of `company` in a new group."""
    chat = company.group("alice", "bob")
    alice, bob = (screen.open(chat) for screen in company.screens("alice", "bob"))
    return Talk(alice, bob, chat, company.cast)
