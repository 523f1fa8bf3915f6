"""What Celery does for notifications, in a queue of its own. Each task only looks for due work."""

from threading import Lock

from celery import shared_task

from apps.notifications.actions.courier import Courier
from apps.notifications.actions.outcomes import forget
from apps.notifications.actions.waking import wake

# One courier a process: it takes all that is due, whoever woke it.
_working = Lock()


@shared_task
def push() -> None:
    """Send the pushes that are due."""
    if _working.acquire(blocking=False):
        courier = Courier()
        try:
            courier.run()
        finally:
            _working.release()
        if courier.unfinished:
            wake()


@shared_task
def forget_pushes() -> None:
    """Drop from the ledger what is older than it is kept."""
    forget()
