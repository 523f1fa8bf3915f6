"""Collects errors of a browser's pages and shared workers."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Error

# Logs violations of the content security policy as console errors.
REPORTS = """addEventListener('securitypolicyviolation', (event) =>
  console.error(`policy: ${event.effectiveDirective} refused ${event.blockedURI}`))"""

LISTEN = ("Runtime.enable", "Log.enable")


class Watch:
    """Collects errors of the given contexts and of every shared worker of the browser.

    A browser has one for as long as it runs: Chromium 156 crashed after one of two had ended.
    """

    _watches: WeakKeyDictionary[Browser, Watch] = WeakKeyDictionary()

    @classmethod
    def of(cls, browser: Browser) -> Watch:
        """The one of this browser."""
        if browser not in cls._watches:
            cls._watches[browser] = cls(browser)
        return cls._watches[browser]

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.faults: list[str] = []
        self._session = browser.new_browser_cdp_session()
        self._session.on("Target.targetCreated", self._worker)
        self._session.on("Target.receivedMessageFromTarget", self._from_worker)
        self._session.send("Target.setDiscoverTargets", {"discover": True})

    def over(self, context: BrowserContext) -> None:
        """Collect errors of this context's pages, including future ones."""
        context.on("console", self._console)
        context.on("weberror", lambda error: self.faults.append(f"page: {error.error}"))
        context.add_init_script(REPORTS)

    def take(self) -> list[str]:
        """The errors since the last call."""
        taken, self.faults = self.faults, []
        return taken

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            place = message.location.get("url", "")
            self.faults.append(f"console: {message.text} ({place})")

    def _worker(self, event: dict[str, Any]) -> None:
        target = event["targetInfo"]
        if target["type"] == "shared_worker":
            with suppress(Error):  # the worker has ended
                how = {"targetId": target["targetId"], "flatten": False}
                self._listen(self._session.send("Target.attachToTarget", how)["sessionId"])

    def _listen(self, session: str) -> None:
        # A worker restarted by a reload waits for the debugger of the one before it.
        for number, method in enumerate((*LISTEN, "Runtime.runIfWaitingForDebugger")):
            words = json.dumps({"id": number, "method": method})
            told = {"sessionId": session, "message": words}
            self._session.send("Target.sendMessageToTarget", told)

    def _from_worker(self, event: dict[str, Any]) -> None:
        message = json.loads(event["message"])
        said = message.get("params", {})
        match message.get("method"):
            case "Inspector.targetReloadedAfterCrash":
                with suppress(Error):
                    self._listen(event["sessionId"])
            case "Runtime.exceptionThrown":
                details = said["exceptionDetails"]
                about = details.get("exception", {}).get("description", "")
                self.faults.append(f"worker: {details['text']} {about}")
            case "Runtime.consoleAPICalled" if said["type"] == "error":
                self.faults.append(f"worker console: {said['args']}")
            # Workers handle failing requests themselves, but never violate the policy on purpose.
            case "Log.entryAdded" if said["entry"]["source"] == "security":
                self.faults.append(f"worker: {said['entry']['text']}")
