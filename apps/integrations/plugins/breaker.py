"""Pauses what keeps failing, and tries it again later."""

import time
from collections import deque
from collections.abc import Callable
from threading import Lock

FAILURES = 5
WINDOW_S = 60.0
# Each pause in a row is longer; the last one is repeated.
PAUSES_S = (30.0, 120.0, 600.0)
# How long one trial after a pause may take before there is another.
TRIAL_S = 10.0
# Of slow calls in one window, together: everybody's sends waited for them.
MAX_SLOW_S = 10.0


class Breaker:
    """Of one function of a plugin, in this process. `paused` is called with the seconds of each
    pause."""

    def __init__(
        self,
        paused: Callable[[float], None] = lambda seconds: None,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._paused = paused
        self._now = now
        self._lock = Lock()
        self._failures: deque[float] = deque(maxlen=FAILURES)
        self._pauses = 0
        self._until = 0.0
        self._window_began = -WINDOW_S
        self._slow_s = 0.0
        # Whether the call that is under way was let through after a pause.
        self._is_trial = False

    def allows(self) -> bool:
        """Whether the function may be called now. After a pause, one call at a time is a trial."""
        with self._lock:
            now = self._now()
            if not self._pauses:
                return True
            if now < self._until:
                return False
            self._is_trial, self._until = True, now + TRIAL_S
            return True

    def succeeded(self, *, slow_s: float = 0.0) -> None:
        """A call returned in time. The first one after a pause ends it. `slow_s`: how long a slow
        call took; MAX_SLOW_S of them in a window pause the function. A call that began before a
        pause says nothing about it."""
        with self._lock:
            if self._pauses and not self._is_trial:
                return
            if not (slow_s and self._is_too_much(slow_s)):
                self._pauses, self._is_trial = 0, False
                return
            seconds = self._begin_pause()
        self._paused(seconds)

    def _is_too_much(self, slow_s: float) -> bool:
        now = self._now()
        if now - self._window_began > WINDOW_S:
            self._window_began, self._slow_s = now, 0.0
        self._slow_s += slow_s
        return self._slow_s > MAX_SLOW_S

    def _begin_pause(self) -> float:
        seconds = PAUSES_S[min(self._pauses, len(PAUSES_S) - 1)]
        self._pauses += 1
        self._is_trial, self._until = False, self._now() + seconds
        self._slow_s = 0.0
        self._failures.clear()
        return seconds

    def failed(self) -> None:
        """A call raised, or took too long. Pauses at once after a trial, else after several."""
        with self._lock:
            if self._pauses and not self._is_trial:
                return
            now = self._now()
            self._failures.append(now)
            many = len(self._failures) == FAILURES and now - self._failures[0] <= WINDOW_S
            if not self._pauses and not many:
                return
            seconds = self._begin_pause()
        self._paused(seconds)
