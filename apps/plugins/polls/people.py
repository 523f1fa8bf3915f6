"""What polls store about a person: their votes."""

import logging
from contextlib import suppress
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from apps.accounts.erasure_handlers import Erased
from apps.accounts.export_handlers import Sections, stream
from apps.accounts.models import User
from apps.chats.actions.chat_locks import lock_chat
from apps.chats.held_content import chats_on_hold
from apps.core.errors import NotFound
from apps.core.skip_failed import skip_failed
from apps.plugins.polls.models import Poll, Vote

logger = logging.getLogger(__name__)
MAX_ERASED = 500


def sections(user_id: UUID) -> Sections:
    """Their votes, of anonymous polls too."""
    votes = Vote.objects.filter(user_id=user_id).order_by("at", "id")
    return {"poll_votes": stream(votes.values("poll__chat_id", "poll__seq", "option", "at"))}


def erase(user_id: UUID) -> Erased:
    """Delete some of their votes of one chat; the polls are counted again. Votes in chats on hold
    stay, as messages and reactions do, until `erase_released` finds the hold ended."""
    votes = Vote.objects.filter(user_id=user_id)
    chats = set(votes.values_list("poll__chat_id", flat=True).distinct())
    for chat in sorted(chats - chats_on_hold(chats)):
        if count := _erase_in(chat, votes):
            return {"poll_votes": count}
    return {}


def erase_released() -> None:
    """Delete votes of erased people that a hold has kept."""
    erased = User.objects.filter(erased_at__isnull=False).values("id")
    votes = Vote.objects.filter(user_id__in=erased)
    chats = set(votes.values_list("poll__chat_id", flat=True).distinct())
    for chat in sorted(chats - chats_on_hold(chats)):
        with skip_failed(logger, "votes that a hold kept cannot be deleted: %s", chat):
            while _erase_part(chat, votes):
                pass


@transaction.atomic
def _erase_part(chat: UUID, votes: QuerySet[Vote]) -> int:
    return _erase_in(chat, votes)


def _erase_in(chat: UUID, votes: QuerySet[Vote]) -> int:
    # A chat that was removed as a whole has no lock, and no hold begins there.
    with suppress(NotFound):
        lock_chat(chat)
    if chats_on_hold([chat]):
        return 0
    some = list(votes.filter(poll__chat_id=chat).order_by("id")[:MAX_ERASED])
    Vote.objects.filter(id__in=[each.id for each in some]).delete()
    Poll.objects.filter(id__in={each.poll_id for each in some}).update(uncounted=True)
    return len(some)
