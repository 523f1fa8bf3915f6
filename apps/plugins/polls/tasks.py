"""Celery tasks of polls. Each only looks for due work, so a lost run does no harm."""

from celery import shared_task
from django.db.models import Exists, OuterRef, Q

from apps.chats.models import Message
from apps.core.background_tasks import background_task
from apps.plugins.polls import people, voting
from apps.plugins.polls.models import Poll

MAX_DELETED = 1_000


@shared_task
@background_task
def count_votes() -> None:
    """Give entries the numbers of votes that have changed."""
    while voting.count_due() == voting.MAX_COUNTED:
        pass


@shared_task
@background_task
def delete_unused() -> None:
    """Delete the votes of messages that were deleted while polls were switched off, not of those
    that moderators have hidden, and those of deleted accounts whose hold has ended."""
    here = Message.objects.filter(chat_id=OuterRef("chat_id"), seq=OuterRef("seq"))
    entry = here.filter(Q(layout__isnull=False) | Q(hidden_at__isnull=False))
    gone = Poll.objects.filter(~Exists(entry)).values_list("id", flat=True)[:MAX_DELETED]
    Poll.objects.filter(id__in=list(gone)).delete()
    people.erase_released()
