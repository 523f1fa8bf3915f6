"""Tells plugins of messages after their commit: a hint, in the process that wrote them.

Each plugin has a bounded queue and one thread at work. What does not fit is lost, and so is what
waits while the process ends. A plugin that needs every message reads the changes of its chats.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from apps.chats.message_hooks import WrittenMessage
from apps.core.metrics import PLUGIN_HOOKS
from apps.integrations.plugins.breaker import Breaker
from apps.integrations.plugins.threads import BoundedThreads, place_of

logger = logging.getLogger(__name__)
MAX_QUEUED = 1_000
# A call that takes longer is given up: another thread goes on with the next message.
TIMEOUT_S = 5.0


class AfterCommit:
    """The function of one plugin."""

    def __init__(self, name: str, tell: Callable[[WrittenMessage], Any], breaker: Breaker) -> None:
        self.name = name
        self._tell = tell
        self._breaker = breaker
        self._threads = BoundedThreads(f"plugin-{name}-after")
        self._lock = threading.Lock()
        self._queue: deque[WrittenMessage] = deque()
        # Identifies the thread that is at work, and when it began with its message.
        self._at_work: object | None = None
        self._began_at = 0.0

    def put(self, messages: Sequence[WrittenMessage]) -> None:
        """Queue messages. Never waits for the plugin."""
        with self._lock:
            room = MAX_QUEUED - len(self._queue)
            self._queue.extend(messages[:room])
            lost = len(messages) - min(room, len(messages))
            hangs = self._at_work is not None and time.monotonic() - self._began_at > TIMEOUT_S
            if hangs:
                logger.warning("plugin %s: gives up a call after %d s", self.name, TIMEOUT_S)
                self._at_work = None
            token = None if self._at_work else object()
            if token is not None:
                self._at_work, self._began_at = token, time.monotonic()
        if lost:
            self._count("lost", lost)
        if hangs:
            self._count("late")
            self._breaker.failed()
        if token is not None and not self._threads.start(lambda: self._run(token)):
            with self._lock:
                if self._at_work is token:
                    self._at_work = None

    def _run(self, token: object) -> None:
        while (message := self._next(token)) is not None:
            if not self._breaker.allows():
                self._count("skipped")
                continue
            try:
                self._tell(message)
            except Exception as error:
                logger.warning("plugin %s: failed with %s", self.name, place_of(error))
                self._count("failed")
                self._breaker.failed()
            else:
                self._count("told")
                if self._at_work is token:
                    # Not one that was given up: it took too long.
                    self._breaker.succeeded()

    def _next(self, token: object) -> WrittenMessage | None:
        """The next message; None ends the thread: nothing waits, or another one took over."""
        with self._lock:
            if self._at_work is not token:
                return None
            if not self._queue:
                self._at_work = None
                return None
            self._began_at = time.monotonic()
            return self._queue.popleft()

    def _count(self, outcome: str, messages: int = 1) -> None:
        PLUGIN_HOOKS.labels(self.name, outcome).inc(messages)
