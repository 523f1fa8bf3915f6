"""Timers for pushes in the ledger. They only wake a worker: beat's sweep finds what they miss."""

from collections.abc import Iterable

from apps.core.task_wakeup import TaskWakeup

wake = TaskWakeup("apps.notifications.tasks.push")

# The sweep finds what is due later than this soon enough, relative to its delay.
LONGEST_S = 60


def wake_in(delays: Iterable[int]) -> None:
    """Have a worker look for due pushes after each of the `delays` (seconds). Returns at once and
    never raises."""
    for delay in delays:
        if delay <= LONGEST_S:
            wake.after(delay)
