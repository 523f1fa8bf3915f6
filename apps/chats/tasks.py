"""Celery tasks of chats. Each only looks for due work, so a lost run does no harm."""

from celery import shared_task

from apps.chats import made_up
from apps.chats.actions import held, link_index, message_days, scheduled
from apps.chats.actions.preview_fetcher import PreviewFetcher
from apps.chats.gateways.search.indexer import catch_up_all_chats
from apps.core.background_tasks import background_task


@shared_task
@background_task
def send_scheduled() -> None:
    """Send due scheduled messages."""
    while scheduled.send_due():
        pass


@shared_task
@background_task
def end_undecided() -> None:
    """Give messages back that waited for a moderator for too long."""
    while held.end_undecided():
        pass


@shared_task
@background_task
def fetch_previews() -> None:
    """Fetch requested links and add their previews to messages.

    One pass at a time: pages can be slow, and the worker's other threads must stay free for urgent
    work.
    """
    PreviewFetcher().run()


@shared_task
@background_task
def index_messages() -> None:
    """Index new and changed messages, so that searches have little left to catch up on."""
    catch_up_all_chats()


@shared_task
@background_task
def index_links() -> None:
    """List the links of new and changed messages."""
    link_index.catch_up_all_chats()


@shared_task
@background_task
def remove_made_up_people() -> None:
    """Delete the made-up people of a load check that was killed."""
    made_up.remove_left_over()


@shared_task
@background_task
def count_messages() -> None:
    """Add the messages of the last minute to those of the day."""
    message_days.count_messages()
