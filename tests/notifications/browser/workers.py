"""The service worker of a page, reached over the DevTools protocol."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from playwright.sync_api import CDPSession

from tests.journeys.conftest import TIMEOUT_MS
from tests.journeys.screen import Screen

SHOWN = """async () => (await (await navigator.serviceWorker.ready).getNotifications())
  .map(({ title, body, tag, silent, data }) => ({ title, body, tag, silent, path: data.path }))"""
POLL_MS = 50
# Count the pushes that the worker handles from now on; returns how many it has counted.
COUNT_HANDLED = """() => {
  if (self.handled !== undefined) return self.handled;
  self.handled = 0;
  const count = () => { self.handled += 1; };
  const { waitUntil } = ExtendableEvent.prototype;
  ExtendableEvent.prototype.waitUntil = function (work) {
    waitUntil.call(this, work);
    if (this.type === 'push') Promise.resolve(work).then(count, count);
  };
  return 0;
}"""
NO_PAGE_IS_OPEN = """async () => {
  const all = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  return !all.some(({ url }) => self.PARLEY.isApp(url));
}"""
CACHED = """async () => {
  await navigator.serviceWorker.ready;
  return (await caches.keys()).sort();
}"""


ACTIVE = """async () =>
  (await navigator.serviceWorker.getRegistration('/'))?.active?.state === 'activated'"""


def wait_until(screen: Screen, condition: str) -> None:
    """Wait until an asynchronous function of the page returns true."""
    screen.page.wait_for_timeout(POLL_MS)
    _poll(screen, lambda: screen.page.evaluate(condition), condition)


def _poll(screen: Screen, is_true: Callable[[], bool], problem: str) -> None:
    """Wait until `is_true()`, and fail with `problem` when it takes too long."""
    deadline = time.monotonic() + TIMEOUT_MS / 1000
    while not is_true():
        assert time.monotonic() < deadline, problem
        screen.page.wait_for_timeout(POLL_MS)


def reload_with(screen: Screen, *scripts: str) -> Screen:
    """Reload the page with these scripts added, and wait until notifications work."""
    for script in scripts:
        screen.page.add_init_script(script)
    screen.page.reload()
    return until_notifying(screen.ready())


def until_notifying(screen: Screen) -> Screen:
    """Wait until a tab of this browser shows notifications: parts of it load after the app."""
    _poll(screen, lambda: screen.debug()["newsWatched"], "no tab shows notifications")
    return screen


class Worker:
    """A service worker: receives pushes as from the browser, without a push service."""

    def __init__(self, screen: Screen, session: CDPSession, registration: str) -> None:
        self.screen = screen
        self._session = session
        self._registration = registration
        # How many pushes the worker has handled when it has handled all that were delivered here.
        self._pushed: int = self._run(COUNT_HANDLED)

    @classmethod
    def of(cls, screen: Screen) -> Worker:
        """Wait until the worker is active; it controls pages that load from now on."""
        wait_until(screen, ACTIVE)
        session = screen.page.context.new_cdp_session(screen.page)
        found: list[str] = []
        session.on(
            "ServiceWorker.workerRegistrationUpdated",
            lambda event: found.extend(
                one["registrationId"] for one in event["registrations"] if not one["isDeleted"]
            ),
        )
        session.send("ServiceWorker.enable")
        # Sent in response to `enable`; any call lets Playwright process it.
        wait_until(screen, "async () => true")
        assert found
        return cls(screen, session, found[-1])

    def push(self, kind: str, chat: UUID | str, **more: Any) -> None:
        """Deliver a push with this payload."""
        self._pushed += 1
        self._session.send(
            "ServiceWorker.deliverPushMessage",
            {
                "origin": self.screen.address,
                "registrationId": self._registration,
                "data": json.dumps({"kind": kind, "chat": str(chat), **more}),
            },
        )

    @property
    def shown(self) -> list[dict[str, Any]]:
        """The notifications that are shown now."""
        return self.screen.page.evaluate(SHOWN)

    def until(self, condition: str) -> None:
        """Wait until all pushes are handled and the JavaScript `condition` on `shown` is true.

        Asked for notifications while it is about to show one, Chromium can forget that one.
        """
        handled = f"() => self.handled >= {self._pushed}"
        _poll(self.screen, lambda: self._run(handled), "a push is not handled")
        shown = f"async () => {{ const shown = await ({SHOWN})(); return {condition}; }}"
        wait_until(self.screen, shown)

    def until_no_page_is_open(self) -> None:
        """Wait until the worker knows no page of the app: one that was left goes a little later."""
        _poll(self.screen, lambda: self._run(NO_PAGE_IS_OPEN), "a page of the app is open")

    def click(self, tag: UUID | str) -> list[str]:
        """Dispatch a click on the notification of a chat. Returns the paths that were opened.

        A dispatched click gives the worker no right to windows, so focusing and opening are
        replaced. As in Chromium, one click allows one of the two.
        """
        return self._run(
            """async (tag) => {
              const opened = [];
              let used = false;
              WindowClient.prototype.focus = async function () {
                used = true;
                return this;
              };
              self.clients.openWindow = async (path) => {
                if (used) throw new DOMException('Not allowed to open a window.');
                opened.push(path);
              };
              const all = await self.registration.getNotifications();
              const notification = all.find((one) => one.tag === tag);
              const event = new NotificationEvent('notificationclick', { notification });
              const done = new Promise((resolve) => { event.waitUntil = resolve; });
              self.dispatchEvent(event);
              await done;
              return opened;
            }""",
            str(tag),
        )

    def pretend_endpoint(self, endpoint: str) -> None:
        """Pretend that the browser is subscribed with this endpoint and cannot badge its icon."""
        self._run(
            """async (endpoint) => {
              PushManager.prototype.getSubscription = async () => ({ endpoint });
              navigator.setAppBadge = () => { throw new Error('no icon'); };
            }""",
            endpoint,
        )

    def hold_requests(self) -> None:
        """Let requests of the worker wait until `release_requests`, or until it gives them up."""
        self._run(
            """() => {
              const held = new Promise((resolve) => { self.release = resolve; });
              self.fetch = async (_, { signal }) => {
                signal.throwIfAborted();
                const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
                await Promise.race([held, aborted]);
                throw new TypeError('no network');
              };
            }"""
        )

    def release_requests(self) -> None:
        """Let the requests that wait fail."""
        self._run("() => self.release()")

    def limit_shared(self, most_bytes: int) -> None:
        """Let other apps share no more than this."""
        self._run("(bytes) => { self.PARLEY.share.bytes = Number(bytes); }", str(most_bytes))

    def lose_subscription(self) -> None:
        """Tell the worker that the push service has ended the subscription."""
        self._run(
            """async () => {
              const event = new ExtendableEvent('pushsubscriptionchange');
              const done = new Promise((resolve) => { event.waitUntil = resolve; });
              self.dispatchEvent(event);
              await done;
            }"""
        )

    def _run(self, script: str, *given: str) -> Any:
        [run] = self.screen.page.context.service_workers
        return run.evaluate(script, *given)
