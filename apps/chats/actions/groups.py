"""Groups: their titles and pictures, adding and removing members, changing roles."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.accounts.actions import streams
from apps.accounts.newcomers import limited_at_first
from apps.accounts.queries import profiles
from apps.chats.actions import membership
from apps.chats.actions.chat_change import ChatChange, changing, finish
from apps.chats.actions.chat_locks import lock_chat
from apps.chats.actions.validation import validate_title
from apps.chats.models import Chat, Member
from apps.chats.models.member import Role
from apps.chats.roles import Right
from apps.contacts.queries.contacts import contact_ids
from apps.core import limits
from apps.core.errors import Conflict, NotContacts, NotPossible
from apps.core.limits import GROUP_CHANGES, GROUPS_A_DAY, GROUPS_AN_HOUR, NEWCOMER_GROUPS, limited
from apps.files.actions import pictures


@limited_at_first(NEWCOMER_GROUPS)
@limited(GROUPS_AN_HOUR, GROUPS_A_DAY)
def create_group(user_id: UUID, title: str, people: Iterable[UUID]) -> UUID:
    """Create a group owned by the person, with some of their contacts. Returns its id.

    Raises Invalid (title), NotContacts, Full, NotFound (a closed account), NewAccount.
    """
    title = validate_title(title)
    wanted = [person for person in dict.fromkeys(people) if person != user_id]
    _count_added(user_id, wanted)
    with transaction.atomic():
        # Lock streams before inserting the chat's rows, which no other transaction sees yet.
        # Under these locks no contact and no account can end.
        streams.lock([user_id, *wanted])
        profiles.get_active_user(user_id)
        _check_contacts(user_id, wanted)
        now = timezone.now()
        chat = Chat.objects.create(kind=Chat.Kind.GROUP, title=title, created_at=now, active_at=now)
        change = ChatChange(chat, None, actor_id=user_id, now=lock_chat(chat.id))
        change.entry("created", text=title)
        membership.admit(change, [user_id], role=Role.OWNER)
        membership.admit(change, wanted)
        finish([change])
    return chat.id


@limited(GROUP_CHANGES)
def rename_group(user_id: UUID, chat_id: UUID, title: str, *, replacing: str | None = None) -> None:
    """Change the title of a group.

    `replacing` is the title that the person has seen; None: any. Raises Invalid, NotFound,
    Forbidden, and Conflict if the title is another one by now.
    """
    title = validate_title(title)
    with changing(user_id, chat_id, Right.RENAME) as change:
        if replacing not in (change.chat.title, None):
            raise Conflict
        if title == change.chat.title:
            return
        change.chat.title = title
        change.publish_head()
        change.entry("renamed", text=title)


@limited(GROUP_CHANGES)
def set_picture(user_id: UUID, chat_id: UUID, file: UUID | None) -> None:
    """Change or remove (None) the picture of a group.

    Raises NotFound, Forbidden, and Invalid unless the file is a ready picture that the person
    uploaded.
    """
    with changing(user_id, chat_id, Right.RENAME) as change:
        current = change.chat.picture
        if file == current:
            return
        # Files are locked after members (docs/locks.md), and the entry writes the actor's.
        Member.objects.select_for_update(no_key=True).get(pk=(chat_id, user_id))
        pictures.lock(user_id, current=current, wanted=file, pointer="#/file")
        pictures.replace(current, file)
        change.chat.picture = file
        change.publish_head()
        change.entry("picture")


@limited(GROUP_CHANGES)
def add_members(user_id: UUID, chat_id: UUID, people: Iterable[UUID]) -> None:
    """Add contacts to a group. Skips existing members.

    Raises NotFound, Forbidden, NotContacts, Full, and NotPossible when one of them left the group:
    joining by an invite link is their consent to come back.
    """
    wanted = [person for person in dict.fromkeys(people) if person != user_id]
    _count_added(user_id, wanted)
    with changing(user_id, chat_id, Right.ADD_MEMBER) as change:
        _check_contacts(user_id, wanted)
        if membership.left_voluntarily(chat_id, wanted).exists():
            raise NotPossible("Someone you chose left this group. Send an invite link instead.")
        membership.admit(change, wanted)


@limited(GROUP_CHANGES)
def remove_member(user_id: UUID, chat_id: UUID, *, person: UUID) -> None:
    """Remove a member. They get no later changes, and only a member can add them again.

    Raises NotFound, Forbidden, NotPossible.
    """
    if person == user_id:
        return leave_group(user_id, chat_id)
    with changing(user_id, chat_id, Right.REMOVE_MEMBER) as change:
        member = membership.get_member(chat_id, person)
        if member.role != Role.MEMBER:
            change.allow(Right.REMOVE_ADMIN)
        change.entry("removed", about=person)
        membership.end_membership(change, member, removed=True)
    return None


@limited(GROUP_CHANGES)
def leave_group(user_id: UUID, chat_id: UUID) -> None:
    """Leave a group. The last owner must make someone else an owner first, unless they are alone.
    In a closed group, where roles cannot be changed, they are followed as when an account closes.

    Raises NotFound, NotPossible.
    """
    with changing(user_id, chat_id, Right.LEAVE) as change:
        if change.chat.kind == Chat.Kind.DIRECT:
            raise NotPossible("You cannot leave a direct chat. Archive it instead.")
        member = membership.get_member(chat_id, user_id)
        others = membership.active_members(chat_id).exclude(user_id=user_id)
        # Bots alone need no owner.
        people = others.filter(user__is_bot=False)
        if member.role == Role.OWNER and people.exists() and not _has_owner(others):
            if not change.chat.closed_reason:
                raise NotPossible("You are the last owner. Make someone else an owner first.")
            if (successor := membership.next_owner(chat_id, leaving=user_id)) is not None:
                membership.set_role(change, successor, Role.OWNER)
        change.entry("left")
        membership.end_membership(change, member, removed=False)


@limited(GROUP_CHANGES)
def change_role(user_id: UUID, chat_id: UUID, *, person: UUID, role: Role) -> None:
    """Change a member's role.

    Raises NotFound, Forbidden, and NotPossible for the last owner and for a closed account.
    """
    with changing(user_id, chat_id, Right.CHANGE_ROLE) as change:
        member = membership.get_member(chat_id, person)
        if member.role == role:
            return
        active = membership.active_members(chat_id)
        if not active.filter(user_id=person).exists():
            raise NotPossible("This account is closed.")
        if member.role == Role.OWNER and not _has_owner(active.exclude(user_id=person)):
            raise NotPossible("This is the last owner. Make someone else an owner first.")
        membership.set_role(change, member, role)


def _has_owner(members: QuerySet[Member]) -> bool:
    return members.filter(role=Role.OWNER).exists()


def _count_added(user_id: UUID, people: list[UUID]) -> None:
    """Count the people that the person adds to a group. Raises RateLimited."""
    limits.check(limits.MEMBERS_ADDED, user_id, uses=len(people))
    limits.check_all(limits.ADDED_BY_SAME_PERSON, [f"{user_id}:{person}" for person in people])


def _check_contacts(user_id: UUID, people: list[UUID]) -> None:
    if people and not set(people) <= set(contact_ids(user_id)):
        raise NotContacts("You can only add your contacts. Send others an invite link.")
