"""What Celery does for notifications, in a queue of its own. Each task only looks for due work."""

from celery import shared_task

from apps.core.background_tasks import background_task
from apps.core.task_wakeup import SLOT_S
from apps.notifications.actions.courier import Courier
from apps.notifications.actions.outcomes import forget
from apps.notifications.actions.waking import wake


@shared_task
@background_task
def push() -> None:
    """Send the pushes that are due. One courier a process takes all of them."""
    courier = Courier()
    courier.run()
    if courier.unfinished:
        # Later than at once: a run that begins before this one has returned does nothing.
        wake.after(SLOT_S)


@shared_task
@background_task
def forget_pushes() -> None:
    """Drop from the ledger what is older than it is kept."""
    forget()
