"""A Celery scheduler that logs an outage of the broker in two lines."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from celery.beat import PersistentScheduler, SchedulingError

from apps.core.task_wakeup import broker_outages
from chatproject.health import heartbeats


class Scheduler(PersistentScheduler):
    """Logs the begin and the end of an outage.

    Celery's scheduler would log two tracebacks for each task that is due, every two seconds.
    """

    schedule_filename: str

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        """Send a due task. A task that cannot be sent is due again at its next time."""
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except SchedulingError as error:
            broker_outages.failed(error)
        else:
            broker_outages.recovered()
            heartbeats.note(heartbeats.BEAT)

    def _ensure_connected(self) -> Any:
        return self.connection.ensure_connection(self._wait_for_broker)

    def _wait_for_broker(self, error: Exception, wait_s: float) -> None:
        broker_outages.failed(error)
        # The health check looks for a file that changes, and the schedule is not saved meanwhile:
        # starting again would not bring the broker back.
        with suppress(OSError):
            Path(f"{self.schedule_filename}.waiting").touch()
