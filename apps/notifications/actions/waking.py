"""Timers for what stands in the ledger. They only wake: the sweep finds what they forgot."""

import math
import threading
import time
from collections.abc import Iterable

from apps.core.wake import Wake

wake = Wake("apps.notifications.tasks.push")

# What is due later than this is found by the sweep soon enough, relative to its delay.
LONGEST = 60
# Several that are due within this many seconds share a timer.
GRAIN = 0.5
_lock = threading.Lock()
_set: set[int] = set()


def wake_in(delays: Iterable[int]) -> None:
    """Have due pushes looked for after each of the `delays` (seconds). Never waits, never
    fails."""
    for delay in delays:
        if delay <= LONGEST and _is_new(delay):
            wake.after(delay + GRAIN)


def _is_new(delay: int) -> bool:
    """Whether no timer of this process stands for about that moment."""
    now = time.monotonic()
    moment = math.ceil((now + delay) / GRAIN)
    with _lock:
        past = [known for known in _set if known * GRAIN < now]
        _set.difference_update(past)
        if moment in _set:
            return False
        _set.add(moment)
        return True
