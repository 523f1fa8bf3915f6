"""What polls store about a person: their votes."""

from uuid import UUID

from apps.accounts.erasure_handlers import Erased
from apps.accounts.export_handlers import Sections, stream
from apps.plugins.polls.models import Poll, Vote

MAX_ERASED = 500


def sections(user_id: UUID) -> Sections:
    """Their votes, of anonymous polls too."""
    votes = Vote.objects.filter(user_id=user_id).order_by("at", "id")
    return {"poll_votes": stream(votes.values("poll__chat_id", "poll__seq", "option", "at"))}


def erase(user_id: UUID) -> Erased:
    """Delete some of their votes; the polls are counted again."""
    votes = list(Vote.objects.filter(user_id=user_id).order_by("id")[:MAX_ERASED])
    if not votes:
        return {}
    Vote.objects.filter(id__in=[each.id for each in votes]).delete()
    Poll.objects.filter(id__in={each.poll_id for each in votes}).update(uncounted=True)
    return {"poll_votes": len(votes)}
