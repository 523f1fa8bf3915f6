"""What reminders store about a person, and how it ends with their account."""

from collections.abc import Mapping
from uuid import UUID

from django.utils import timezone

from apps.accounts.access_handlers import Ended, Scope
from apps.accounts.erasure_handlers import Erased
from apps.accounts.export_handlers import Sections, stream
from apps.plugins.reminders.models import Reminder

State = Reminder.State


def sections(user_id: UUID) -> Sections:
    """Those that wait, and the times of those that ended lately."""
    mine = Reminder.objects.filter(user_id=user_id).order_by("due_at", "id")
    return {"reminders": stream(mine.values("chat_id", "here", "text", "due_at", "state"))}


def end_of_scope(scope: Scope) -> Ended:
    """Cancel all reminders of an account that is closed for good. While it is closed for a time,
    due ones fail."""
    if not scope.account or scope.for_a_time:
        return Ended()
    waiting = Reminder.objects.filter(user_id=scope.user_id, state=State.WAITING)
    ended = waiting.update(state=State.CANCELLED, text="", ended_at=timezone.now(), claimed_at=None)
    return Ended({"reminders": ended} if ended else {})


def left(user_id: UUID) -> Mapping[str, int]:
    """Reminders that would still be sent."""
    found = Reminder.objects.filter(user_id=user_id, state=State.WAITING).count()
    return {"reminders": found} if found else {}


def erase(user_id: UUID) -> Erased:
    """Delete all of them: there are few."""
    deleted, _ = Reminder.objects.filter(user_id=user_id).delete()
    return {"reminders": deleted} if deleted else {}
