"""What Celery does for chats. Each task only looks for due work, so a lost one costs nothing."""

from threading import Lock

from celery import shared_task

from apps.chats.actions import previews, scheduling
from apps.chats.gateways.search.indexing import catch_up_everywhere

# Pages take their time; the worker's other threads stay free for what is more urgent.
_fetching = Lock()
# What is left then is for the next sweep, which is due by then.
MOST_ROUNDS = 10


@shared_task
def send_scheduled() -> None:
    """Send the messages whose time has come."""
    while scheduling.send_due():
        pass


@shared_task
def fetch_previews() -> None:
    """Fetch the links that wait, and add their previews to the messages; one at a time."""
    if _fetching.acquire(blocking=False):
        try:
            for _ in range(MOST_ROUNDS):
                if not previews.work():
                    break
            previews.forget()
        finally:
            _fetching.release()


@shared_task
def index_messages() -> None:
    """Make searchable what was written since; searches then find little left to do."""
    catch_up_everywhere()
