"""Who moderates, and whom.

A moderator is a member of staff with the permission *Can moderate*; an administrator is a
superuser.
"""

from uuid import UUID

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_noop

from apps.accounts.models import User
from apps.core.errors import Forbidden, NotFound

PERMISSION = "moderation.moderate"


class NoModerator(Forbidden):
    """The person does not moderate (any more)."""

    detail = gettext_noop("Only moderators may do that.")


class NoAdministrator(Forbidden):
    """The person is no administrator (any more)."""

    detail = gettext_noop("Only administrators may do that.")


class OutOfReach(Forbidden):
    """The other person is the moderator themselves, or staff, whom only administrators moderate."""

    detail = gettext_noop("Moderators act on members only: not on staff, and not on themselves.")


def is_moderator(user: "User | AnonymousUser") -> bool:
    """Whether the person moderates."""
    return bool(user.is_active and user.is_staff and user.has_perm(PERMISSION))


def moderates(user_id: UUID) -> bool:
    """Whether the person with this id moderates."""
    user = User.objects.filter(id=user_id).first()
    return user is not None and is_moderator(user)


def get_moderator(user_id: UUID) -> User:
    """The moderator with this id. Raises NoModerator."""
    user = User.objects.filter(id=user_id).first()
    if user is None or not is_moderator(user):
        raise NoModerator
    return user


def all_moderators() -> QuerySet[User]:
    """Everybody who moderates: few people, whom the index of staff finds."""
    return with_permission(PERMISSION)


def with_permission(permission: str) -> QuerySet[User]:
    """Staff with a permission; superusers have each."""
    found: QuerySet[User] = ModelBackend().with_perm(permission)
    return found.filter(is_staff=True)


def is_administrator(user_id: UUID) -> bool:
    """Whether the person is a superuser."""
    return User.objects.filter(id=user_id, is_superuser=True, is_active=True).exists()


def check_administrator(person: UUID | None) -> None:
    """Raises NoAdministrator; None is an operator."""
    if person is not None and not is_administrator(person):
        raise NoAdministrator


def get_person(moderator_id: UUID | None, person_id: UUID) -> User:
    """A person on whom this moderator may act; None: an operator or a program, who may act on all.

    Raises NoModerator, NotFound (also for an erased account), and OutOfReach.
    """
    check_reach(moderator_id, person_id)
    person = User.objects.filter(id=person_id, erased_at=None).first()
    if person is None:
        raise NotFound
    return person


def may_handle(moderator_id: UUID) -> Q:
    """The reports that a moderator may handle, and act upon: not those about themselves."""
    return ~Q(person=moderator_id)


def check_reach(moderator_id: UUID | None, person_id: UUID) -> None:
    """Raises NoModerator, and OutOfReach if this moderator may not act on this person."""
    if moderator_id is None:
        return
    moderator = get_moderator(moderator_id)
    staff = User.objects.filter(Q(is_staff=True) | Q(is_superuser=True), id=person_id)
    if person_id == moderator_id or (not moderator.is_superuser and staff.exists()):
        raise OutOfReach
