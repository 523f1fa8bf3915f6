"""Groups: making and renaming them, and who is in them with which role."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.accounts.actions import streams
from apps.accounts.queries import profiles
from apps.chats.actions import membership
from apps.chats.actions.change import ChatChange, changing, finish, lock
from apps.chats.actions.texts import title as checked_title
from apps.chats.models import Chat, Member
from apps.chats.models.member import Role
from apps.chats.queries import changes
from apps.chats.roles import Right
from apps.contacts.queries.contacts import contact_ids
from apps.core import limits
from apps.core.errors import NotContacts, NotPossible
from apps.core.limits import GROUP_CHANGES, GROUPS_A_DAY, GROUPS_AN_HOUR, limited
from apps.wire.publish import publish


@limited(GROUPS_AN_HOUR, GROUPS_A_DAY)
def create_group(user_id: UUID, title: str, people: Iterable[UUID]) -> UUID:
    """A new group of the person, as its owner, and some of their contacts; answers its id.

    Raises Invalid (title), NotContacts, Full, NotFound (a closed account).
    """
    title = checked_title(title)
    wanted = [person for person in dict.fromkeys(people) if person != user_id]
    _count_added(user_id, wanted)
    with transaction.atomic():
        # Before the rows of the chat, which nobody else can see yet. Under these locks nobody's
        # contact or account ends.
        streams.lock([user_id, *wanted])
        profiles.get_active_user(user_id)
        _check_contacts(user_id, wanted)
        now = timezone.now()
        chat = Chat.objects.create(kind=Chat.Kind.GROUP, title=title, created_at=now, active_at=now)
        change = ChatChange(chat, None, actor_id=user_id, now=lock(chat.id))
        change.entry("created", text=title)
        membership.admit(change, [user_id], role=Role.OWNER)
        membership.admit(change, wanted)
        finish([change])
    return chat.id


@limited(GROUP_CHANGES)
def rename_group(user_id: UUID, chat_id: UUID, title: str) -> None:
    """Give a group another title. Raises Invalid, NotFound, Forbidden."""
    title = checked_title(title)
    with changing(user_id, chat_id, Right.RENAME) as change:
        if title == change.chat.title:
            return
        change.chat.title = title
        rev = change.chat.head_rev = change.next_rev()
        publish([changes.publication(chat_id, title, rev=rev, follows=rev - 1)])
        change.entry("renamed", text=title)


@limited(GROUP_CHANGES)
def add_members(user_id: UUID, chat_id: UUID, people: Iterable[UUID]) -> None:
    """Add contacts to a group. Skips people who are in it already.

    Raises NotFound, Forbidden, NotContacts, Full, and NotPossible when one of them left the group:
    joining by an invite link is their consent to come back.
    """
    wanted = [person for person in dict.fromkeys(people) if person != user_id]
    _count_added(user_id, wanted)
    with changing(user_id, chat_id, Right.ADD_MEMBER) as change:
        _check_contacts(user_id, wanted)
        if membership.left_by_themselves(chat_id, wanted).exists():
            raise NotPossible("Someone you chose left this group. Send an invite link instead.")
        membership.admit(change, wanted)


@limited(GROUP_CHANGES)
def remove_member(user_id: UUID, chat_id: UUID, person: UUID) -> None:
    """Remove somebody: nothing after this reaches them, and only a member can bring them back.

    Raises NotFound, Forbidden, NotPossible.
    """
    if person == user_id:
        return leave_group(user_id, chat_id)
    with changing(user_id, chat_id, Right.REMOVE_MEMBER) as change:
        member = membership.get_member(chat_id, person)
        if member.role != Role.MEMBER:
            change.allow(Right.REMOVE_ADMIN)
        change.entry("removed", about=person)
        membership.end(change, member, removed=True)
    return None


@limited(GROUP_CHANGES)
def leave_group(user_id: UUID, chat_id: UUID) -> None:
    """Leave a group. Its last owner names another first, unless nobody else is left.

    Raises NotFound, NotPossible.
    """
    with changing(user_id, chat_id, Right.LEAVE) as change:
        if change.chat.kind == Chat.Kind.DIRECT:
            raise NotPossible("A direct chat cannot be left; archive it instead.")
        member = membership.get_member(chat_id, user_id)
        others = membership.active(chat_id).exclude(user_id=user_id)
        if member.role == Role.OWNER and others.exists() and not _has_owner(others):
            raise NotPossible("You are the last owner: make somebody else an owner first.")
        change.entry("left")
        membership.end(change, member, removed=False)


@limited(GROUP_CHANGES)
def change_role(user_id: UUID, chat_id: UUID, person: UUID, role: Role) -> None:
    """Give a member another role.

    Raises NotFound, Forbidden, NotPossible for the last owner and for a closed account.
    """
    with changing(user_id, chat_id, Right.CHANGE_ROLE) as change:
        member = membership.get_member(chat_id, person)
        if member.role == role:
            return
        active = membership.active(chat_id)
        if not active.filter(user_id=person).exists():
            raise NotPossible("This account is closed.")
        if member.role == Role.OWNER and not _has_owner(active.exclude(user_id=person)):
            raise NotPossible("This is the last owner: make somebody else an owner first.")
        membership.set_role(change, member, role)


def _has_owner(members: QuerySet[Member]) -> bool:
    return members.filter(role=Role.OWNER).exists()


def _count_added(user_id: UUID, people: list[UUID]) -> None:
    """Count people added to a group by the person. Raises RateLimited."""
    limits.check(limits.MEMBERS_ADDED, user_id, uses=len(people))
    limits.check_all(limits.ADDED_BY_ONE, [f"{user_id}:{person}" for person in people])


def _check_contacts(user_id: UUID, people: list[UUID]) -> None:
    if people and not set(people) <= set(contact_ids(user_id)):
        raise NotContacts("You can add your contacts; send others an invite link.")
