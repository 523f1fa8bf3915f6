"""Setting and cancelling reminders."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from apps.accounts.actions import streams
from apps.chats.actions.validation import validate_text
from apps.chats.queries.access import check_in_touch, get_membership
from apps.core.errors import Full, Invalid, NotFound, NotPossible
from apps.core.limits import SCHEDULED, limited
from apps.integrations.plugins.values import setting
from apps.plugins.reminders.models import Reminder

MAX_DELAY = timedelta(days=366)
MAX_TEXT = 1_000
State = Reminder.State


@limited(SCHEDULED)
def set_reminder(
    user_id: UUID,
    chat_id: UUID,
    *,
    text: str,
    due_at: datetime,
    here: bool,
    client_id: UUID,
    reply_to: int | None = None,
) -> Reminder:
    """Set a reminder; one `here` replies to `reply_to`. The same client id again returns the first
    one.

    Raises NotFound for a chat that the person is not in, with `here` NotContacts, Invalid for a
    time in the past or more than a year ahead or for a text that is too long, what `validate_text`
    raises, and Full beyond REMINDERS_PER_PERSON.
    """
    text = validate_text(text.strip())
    if len(text) > MAX_TEXT:
        most = {"most": MAX_TEXT}
        raise _invalid(gettext("This is too long: %(most)d characters at most.") % most)
    most_waiting: int = setting("REMINDERS_PER_PERSON")
    with transaction.atomic():
        # Serializes with a simultaneous repeat, and with closing the account.
        streams.lock([user_id])
        get_membership(user_id, chat_id)
        mine = Reminder.objects.filter(user_id=user_id)
        if (known := mine.filter(client_id=client_id).first()) is not None:
            return known
        if not timedelta(0) < due_at - timezone.now() <= MAX_DELAY:
            raise _invalid(gettext("Choose a time in the future, at most a year ahead."))
        if here:
            check_in_touch(user_id, chat_id)
        if mine.filter(state=State.WAITING).count() >= most_waiting:
            full = gettext("You have %(most)d reminders. Cancel one first.")
            raise Full(full % {"most": most_waiting})
        return Reminder.objects.create(
            user_id=user_id,
            chat_id=chat_id,
            client_id=client_id,
            here=here,
            reply_to=reply_to if here else None,
            text=text,
            due_at=due_at,
        )


@limited(SCHEDULED)
def cancel(user_id: UUID, reminder_id: UUID) -> None:
    """Cancel a reminder that waits. Raises NotFound, and NotPossible for one that is being sent."""
    with transaction.atomic():
        mine = Reminder.objects.select_for_update().filter(id=reminder_id, user_id=user_id)
        row = mine.filter(state=State.WAITING).first()
        if row is None:
            raise NotFound
        if row.claimed_at is not None:
            raise NotPossible(gettext("It is being sent right now."))
        row.state, row.text, row.ended_at = State.CANCELLED, "", timezone.now()
        row.save()


def waiting(user_id: UUID) -> list[Reminder]:
    """The person's reminders that wait, the next one first."""
    mine = Reminder.objects.filter(user_id=user_id, state=State.WAITING)
    return list(mine.order_by("due_at", "id"))


def _invalid(words: str) -> Invalid:
    return Invalid(words, reason=words)
