"""What moderators do to messages: hiding, restoring, deleting for all.

A moderator reaches messages that somebody has reported, or that went along as context; an
administrator and an operator reach all.
"""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction

from apps.chats.actions import hiding
from apps.chats.actions.chat_locks import lock_chat
from apps.chats.models import Message
from apps.core.errors import NotFound
from apps.moderation.actions import audit
from apps.moderation.actions.audit import About, By
from apps.moderation.actions.people import checked_reason
from apps.moderation.models import Evidence, Report
from apps.moderation.queries.moderators import check_reach, get_moderator, may_handle


def hide(by: By, chat_id: UUID, seq: int, *, reason: str) -> None:
    """Show "hidden by a moderator" in place of a message, to everybody, until it is restored.

    Raises NoModerator, NotFound, OutOfReach (by staff), Invalid, and NotPossible if it is hidden.
    """
    _change("hide", hiding.hide_message, by, chat_id, seq, reason)


def restore(by: By, chat_id: UUID, seq: int, *, reason: str) -> None:
    """Show a hidden message again. Raises as `hide`, and NotPossible for one that is not hidden."""
    _change("restore", hiding.restore_message, by, chat_id, seq, reason)


def delete(by: By, chat_id: UUID, seq: int, *, reason: str) -> None:
    """Delete a message for all; the evidence of reports stays. It cannot be restored. Raises as
    `hide`."""
    _change("delete", hiding.delete_for_all, by, chat_id, seq, reason)


@transaction.atomic
def _change(
    action: str,
    change: Callable[[UUID, int], None],
    by: By,
    chat_id: UUID,
    seq: int,
    reason: str,
) -> None:
    # Before all checks: what is checked while another change of the chat commits may be over.
    lock_chat(chat_id)
    _check_reach(by, chat_id, seq)
    author = hiding.author_of(chat_id, seq)
    check_reach(by.id, author)
    reason = checked_reason(reason)
    change(chat_id, seq)
    about = About(person=author, chat=chat_id, seq=seq)
    audit.record(action, by=by, about=about, reason=reason)


def _check_reach(by: By, chat_id: UUID, seq: int) -> None:
    """Raises NoModerator, and NotFound for a message that no report has brought here."""
    if by.id is None or get_moderator(by.id).is_superuser:
        return
    reports = Report.objects.filter(may_handle(by.id), chat_id=chat_id)
    reported = Evidence.objects.filter(report__in=reports, seq=seq)
    hidden = Message.objects.filter(chat_id=chat_id, seq=seq, hidden_at__isnull=False)
    if not (reported.exists() or hidden.exists()):
        raise NotFound
