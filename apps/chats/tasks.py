"""What Celery does for chats. Each task only looks for due work, so a lost one costs nothing."""

from celery import shared_task

from apps.chats.actions import scheduled
from apps.chats.actions.preview_fetcher import PreviewFetcher
from apps.chats.gateways.search.indexer import catch_up_all_chats
from apps.core.background_tasks import background_task


@shared_task
@background_task
def send_scheduled() -> None:
    """Send the messages whose time has come."""
    while scheduled.send_due():
        pass


@shared_task
@background_task
def fetch_previews() -> None:
    """Fetch the links that wait, and add their previews to the messages.

    One pass at a time: pages take their time, and the worker's other threads stay free for what is
    more urgent.
    """
    PreviewFetcher().run()


@shared_task
@background_task
def index_messages() -> None:
    """Make searchable what was written since; searches then find little left to do."""
    catch_up_all_chats()
