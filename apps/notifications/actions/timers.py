"""Timers that wake a worker when a push becomes due. They only save time: the sweep that beat runs
finds the pushes that a lost timer missed."""

from collections.abc import Iterable

from apps.core.task_wakeup import TaskWakeup

wake = TaskWakeup("apps.notifications.tasks.push")

# A push with a longer delay is left to the sweep: its few seconds hardly add to such a delay.
MAX_TIMER_S = 60


def wake_after(delays: Iterable[int]) -> None:
    """Wake a worker after each of the `delays` (seconds). Returns at once and never raises."""
    for delay in delays:
        if delay <= MAX_TIMER_S:
            wake.after(delay)
