"""The moderators' decisions on messages that wait. Each writes an audit record.

Nobody decides on their own message. What was sent, withdrawn or given back since then is not there
any more. What was given back, changed by its sender and held again has another `held_at`: who names
the one that they have read decides on that text only.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop

from apps.chats.actions import held, scheduled
from apps.chats.models import Scheduled
from apps.core.errors import NotPossible
from apps.moderation.actions import audit, telling
from apps.moderation.actions.audit import About, By
from apps.moderation.actions.people import checked_reason
from apps.moderation.models import HeldMessage
from apps.moderation.queries.held import HeldContent, content, described
from apps.moderation.queries.moderators import OutOfReach, get_moderator


@transaction.atomic
def read(by: By, held_id: UUID) -> HeldContent:
    """The message that waits. Being shown it is recorded.

    Raises NoModerator, NotFound, OutOfReach for one's own message, and NotPossible for one that
    does not wait any more, as all functions here.
    """
    row = _locked(by, held_id)
    shown = content(described(HeldMessage.objects.filter(id=row.id)).get())
    _record("view_held", by, row)
    return shown


def approve(by: By, held_id: UUID, *, held_at: datetime | None = None) -> Scheduled:
    """Send the message as its sender. Returns its row: `sent`; `failed`, with the reason, if it
    cannot be sent any more; `waiting` if it is sent later, as of a person who is slowed down."""
    with transaction.atomic():
        row = _locked(by, held_id, held_at)
        held.approve(row)
        telling.of_held(row.user_id, by=by.id)
        _record("approve_held", by, row)
    scheduled.send_approved(held_id)
    return Scheduled.objects.get(id=held_id)


@transaction.atomic
def refuse(by: By, held_id: UUID, *, reason: str, held_at: datetime | None = None) -> None:
    """Give the message back to its sender, who reads the reason. Raises Invalid, too."""
    row = _locked(by, held_id, held_at)
    reason = checked_reason(reason)
    held.refuse(row, reason)
    telling.of_held(row.user_id, by=by.id)
    _record("refuse_held", by, row, reason=reason)


def _locked(by: By, held_id: UUID, held_at: datetime | None = None) -> Scheduled:
    if by.id is not None:
        get_moderator(by.id)
    row = held.lock_held(held_id)
    if by.id is not None and row.user_id == by.id:
        raise OutOfReach(gettext_noop("This message is yours."))
    held.check_waits(row)
    if held_at not in (row.held_at, None):
        raise NotPossible(gettext_noop("Its sender has changed this message. Read it again."))
    return row


def _record(action: str, by: By, row: Scheduled, reason: str = "") -> None:
    details = {"message": str(row.id), "rules": row.held_by}
    about = About(person=row.user_id, chat=row.chat_id)
    audit.record(action, by=by, about=about, reason=reason, details=details)
