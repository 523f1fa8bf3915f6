"""Timers for pushes in the ledger. They only wake a worker: beat's sweep finds what they miss."""

from collections.abc import Iterable

from apps.core.wake import Wake

wake = Wake("apps.notifications.tasks.push")

# The sweep finds what is due later than this soon enough, relative to its delay.
MAX_TIMER_S = 60


def wake_after(delays: Iterable[int]) -> None:
    """Have a worker look for due pushes after each of the `delays` (seconds). Returns at once and
    never raises."""
    for delay in delays:
        if delay <= MAX_TIMER_S:
            wake.after(delay)
