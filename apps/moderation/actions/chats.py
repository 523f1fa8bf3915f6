"""What moderators do to groups: removing a member, revoking all invite links, closing and
reopening.

A moderator reaches chats of which something was reported; an administrator and an operator reach
all.
"""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.chats.actions import moderating
from apps.chats.actions.chat_locks import lock_chat
from apps.core.errors import NotFound
from apps.moderation.actions import audit, telling
from apps.moderation.actions.audit import About, By
from apps.moderation.actions.people import MAX_REASON, checked_reason
from apps.moderation.queries.chats import reaches
from apps.moderation.queries.moderators import get_moderator, get_person

REMOVED = _("Moderators removed you from the group “%(title)s”: %(reason)s")


@transaction.atomic
def remove_member(by: By, chat_id: UUID, person_id: UUID, *, reason: str) -> None:
    """Remove somebody from a group, and tell them why. Only a member can add them again.

    Raises NoModerator, NotFound, OutOfReach, Invalid, and NotPossible in a direct chat.
    """
    lock_reached(by, chat_id)
    person = get_person(by.id, person_id)
    reason = checked_reason(reason)

    def tell(title: str) -> None:
        telling.of_measure(person, REMOVED, reason=reason, by=by.id, title=title)

    moderating.remove_from_group(chat_id, person_id, tell=tell)
    audit.record("remove_member", by=by, about=About(person=person_id, chat=chat_id), reason=reason)


@transaction.atomic
def revoke_links(by: By, chat_id: UUID, *, reason: str) -> int:
    """Revoke all invite links of a group. Returns how many could be used.

    Raises NoModerator, NotFound, and Invalid.
    """
    lock_reached(by, chat_id)
    reason = checked_reason(reason)
    count = moderating.revoke_all_links(chat_id)
    audit.record(
        "revoke_links", by=by, about=About(chat=chat_id), reason=reason, details={"links": count}
    )
    return count


@transaction.atomic
def revoke_link(by: By, chat_id: UUID, link_id: UUID, *, reason: str) -> None:
    """Revoke one invite link of a group. Raises NoModerator, NotFound (also for a link that is
    revoked), and Invalid."""
    lock_reached(by, chat_id)
    reason = checked_reason(reason)
    moderating.revoke_link(chat_id, link_id)
    audit.record(
        "revoke_link",
        by=by,
        about=About(chat=chat_id),
        reason=reason,
        details={"link": str(link_id)},
    )


@transaction.atomic
def close_chat(by: By, chat_id: UUID, *, reason: str) -> None:
    """Close a group: its members can read it and leave, and nothing else. They read the reason.

    Raises NoModerator, NotFound, Invalid, and NotPossible in a direct chat and in a group that is
    closed for this reason.
    """
    lock_reached(by, chat_id)
    reason = checked_reason(reason)
    moderating.set_closed(chat_id, reason)
    audit.record("close_chat", by=by, about=About(chat=chat_id), reason=reason)


@transaction.atomic
def reopen_chat(by: By, chat_id: UUID, *, reason: str = "") -> None:
    """Open a closed group again. Raises NoModerator, NotFound, and NotPossible."""
    lock_reached(by, chat_id)
    moderating.set_closed(chat_id, "")
    reason = reason.strip()[:MAX_REASON]
    audit.record("reopen_chat", by=by, about=About(chat=chat_id), reason=reason)


def lock_reached(by: By, chat_id: UUID) -> None:
    """Lock the chat first. Raises NoModerator, and NotFound for a chat that no report has brought
    here."""
    lock_chat(chat_id)
    if by.id is not None and not reaches(get_moderator(by.id), chat_id):
        raise NotFound
