"""Taking away what nobody should have to see: the name, the words about themselves or the picture
of a person, and the title or the picture of a group.

The person is told what was taken away and why, as with a warning. Members of a group read in the
chat that moderators did it. Both can choose something else at once. Decision 0074.
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.chats.actions import moderating
from apps.contacts.actions import profile
from apps.core.errors import NotPossible
from apps.moderation.actions import audit, telling
from apps.moderation.actions.audit import About, By
from apps.moderation.actions.chats import lock_reached
from apps.moderation.actions.people import checked_reason
from apps.moderation.queries.moderators import check_reach, get_person

NAME = _("Moderators removed your name: %(reason)s")
ABOUT = _("Moderators removed what you wrote about yourself: %(reason)s")
PICTURE = _("Moderators removed your picture: %(reason)s")


def reset_name(by: By, person_id: UUID, *, reason: str) -> None:
    """Take a person's display name away: others see the username.

    Raises NoModerator, NotFound, OutOfReach, Invalid, and NotPossible when there is none.
    """
    _reset("reset_name", by, person_id, {"name": ""}, told=NAME, reason=reason)


def reset_about(by: By, person_id: UUID, *, reason: str) -> None:
    """Take away what a person wrote about themselves, and their status. Raises as `reset_name`."""
    fields = {"about": "", "status_text": "", "status_emoji": "", "status_until": None}
    _reset("reset_about", by, person_id, fields, told=ABOUT, reason=reason)


def reset_picture(by: By, person_id: UUID, *, reason: str) -> None:
    """Take a person's picture away. Raises as `reset_name`."""
    _reset("reset_picture", by, person_id, {"picture": None}, told=PICTURE, reason=reason)


@transaction.atomic
def reset_title(by: By, chat_id: UUID, *, reason: str) -> None:
    """Give a group a neutral title. Raises NoModerator, NotFound, Invalid, and NotPossible in a
    direct chat and when it has that title."""
    lock_reached(by, chat_id)
    reason = checked_reason(reason)
    moderating.reset_title(chat_id)
    audit.record("reset_title", by=by, about=About(chat=chat_id), reason=reason)


@transaction.atomic
def reset_group_picture(by: By, chat_id: UUID, *, reason: str) -> None:
    """Take the picture of a group away. Raises NoModerator, NotFound, Invalid, and NotPossible
    when it has none."""
    lock_reached(by, chat_id)
    reason = checked_reason(reason)
    moderating.reset_picture(chat_id)
    audit.record("reset_group_picture", by=by, about=About(chat=chat_id), reason=reason)


def _reset(
    action: str,
    by: By,
    person_id: UUID,
    fields: dict[str, Any],
    *,
    told: Promise,
    reason: str,
) -> None:
    person = get_person(by.id, person_id)
    reason = checked_reason(reason)
    if all(getattr(person, name) == value for name, value in fields.items()):
        raise NotPossible(moderating.NOTHING)

    def record() -> None:
        # Under the locks: roles change while one waits.
        check_reach(by.id, person_id)
        telling.of_measure(person, told, reason=reason, by=by.id)
        audit.record(action, by=by, about=About(person=person_id), reason=reason)

    profile.reset(person_id, fields, then=record)
