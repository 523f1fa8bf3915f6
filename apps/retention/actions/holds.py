"""Putting a chat or a person on hold, and ending that. The audit log has each."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from apps.accounts.models import Deletion, User
from apps.chats.actions.chat_locks import lock_chat, lock_chats_ever_of
from apps.chats.models import Chat
from apps.core.errors import Invalid, NotFound, NotPossible
from apps.moderation.actions import audit
from apps.moderation.actions.audit import About, By
from apps.retention.models import Hold

MAX_REASON = 1000


def begin(by: By, *, reason: str, chat: UUID | None = None, person: UUID | None = None) -> Hold:
    """Put a chat or a person on hold. The caller checks who may.

    Raises NotFound for an unknown one, Invalid without a reason or with two targets, NotPossible
    if it is on hold.
    """
    reason = reason.strip()
    if not reason or len(reason) > MAX_REASON:
        raise Invalid(gettext_noop("Say why, in up to 1,000 characters."), pointer="#/reason")
    if (chat is None) == (person is None):
        raise Invalid(gettext_noop("Choose either a chat or a person."), pointer="#/chat")
    if not _exists(chat, person):
        raise NotFound
    try:
        with transaction.atomic():
            # A deletion that was checked before commits first; a later one sees the hold.
            if chat is not None:
                lock_chat(chat)
            elif person is not None:
                Deletion.objects.select_for_update().filter(user_id=person).first()
                lock_chats_ever_of(person)
            row = Hold.objects.create(
                chat_id=chat, person_id=person, reason=reason, by=by.id, since=timezone.now()
            )
            audit.record("hold", by=by, about=About(person=person, chat=chat), reason=reason)
    except IntegrityError:
        raise NotPossible(gettext_noop("This is on hold already.")) from None
    return row


def end(by: By, hold: UUID, *, reason: str = "") -> None:
    """End a hold. What people deleted in the meantime is deleted for good, unless another hold
    covers it. Raises NotFound, also for one that has ended."""
    with transaction.atomic():
        row = Hold.objects.select_for_update().filter(id=hold, ended_at=None).first()
        if row is None:
            raise NotFound
        row.ended_at, row.ended_by = timezone.now(), by.id
        row.save(update_fields=["ended_at", "ended_by"])
        about = About(person=row.person_id, chat=row.chat_id)
        audit.record("end_hold", by=by, about=about, reason=reason)


def _exists(chat: UUID | None, person: UUID | None) -> bool:
    if chat is not None:
        return Chat.objects.filter(id=chat).exists()
    return person is not None and User.objects.filter(id=person).exists()
