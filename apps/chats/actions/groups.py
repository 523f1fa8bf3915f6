"""Groups: making and renaming them, and who is in them with which role."""

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from apps.accounts.actions.streams import advance
from apps.chats.actions.change import ChatChange, changing, finish, lock
from apps.chats.actions.texts import title as checked_title
from apps.chats.models import Chat, Member, Message
from apps.chats.models.member import Role
from apps.chats.queries import changes
from apps.chats.roles import Right
from apps.contacts.queries.contacts import contact_ids
from apps.core import limits
from apps.core.errors import Full, NotContacts, NotFound, NotPossible
from apps.core.limits import GROUP_CHANGES, GROUPS_A_DAY, GROUPS_AN_HOUR, limited
from apps.notifications.actions.reading import read_up_to
from apps.wire.publish import publish


@limited(GROUPS_AN_HOUR, GROUPS_A_DAY)
def create_group(user_id: UUID, title: str, people: Iterable[UUID]) -> UUID:
    """A new group of the person, as its owner, and some of their contacts; answers its id.

    Raises Invalid (title), NotContacts, Full.
    """
    title = checked_title(title)
    others = _contacts_among(user_id, people)
    count_added(user_id, others)
    with transaction.atomic():
        now = timezone.now()
        chat = Chat.objects.create(kind=Chat.Kind.GROUP, title=title, created_at=now, active_at=now)
        change = ChatChange(chat, None, actor_id=user_id, now=lock(chat.id))
        change.entry("created", text=title)
        admit(change, [user_id], role=Role.OWNER)
        admit(change, others)
        finish(change)
    return chat.id


@limited(GROUP_CHANGES)
def rename_group(user_id: UUID, chat_id: UUID, title: str) -> None:
    """Give a group another title. Raises Invalid, NotFound, Forbidden."""
    title = checked_title(title)
    with changing(user_id, chat_id) as change:
        change.allow(Right.RENAME)
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
    others = _contacts_among(user_id, people)
    count_added(user_id, others)
    with changing(user_id, chat_id) as change:
        change.allow(Right.ADD_MEMBER)
        if _left_by_themselves(chat_id, others).exists():
            raise NotPossible("Someone you chose left this group. Send an invite link instead.")
        admit(change, others)


@limited(GROUP_CHANGES)
def remove_member(user_id: UUID, chat_id: UUID, person: UUID) -> None:
    """Remove somebody: nothing after this reaches them. Raises NotFound, Forbidden, NotPossible."""
    if person == user_id:
        return leave_group(user_id, chat_id)
    with changing(user_id, chat_id) as change:
        change.allow(Right.REMOVE_MEMBER)
        member = _member(chat_id, person)
        if member.role != Role.MEMBER:
            change.allow(Right.REMOVE_ADMIN)
        change.entry("removed", about=person)
        _end(change, member)
    return None


@limited(GROUP_CHANGES)
def leave_group(user_id: UUID, chat_id: UUID) -> None:
    """Leave a group. Its last owner names another first, unless nobody else is left.

    Raises NotFound, NotPossible.
    """
    with changing(user_id, chat_id) as change:
        if change.chat.kind == Chat.Kind.DIRECT:
            raise NotPossible("A direct chat cannot be left; archive it instead.")
        others = _present(chat_id).exclude(user_id=user_id)
        owners = others.filter(role=Role.OWNER)
        member = _member(chat_id, user_id)
        if member.role == Role.OWNER and others.exists() and not owners.exists():
            raise NotPossible("You are the last owner: make somebody else an owner first.")
        change.entry("left")
        _end(change, member)


@limited(GROUP_CHANGES)
def change_role(user_id: UUID, chat_id: UUID, person: UUID, role: Role) -> None:
    """Give a member another role. Raises NotFound, Forbidden, NotPossible for the last owner."""
    with changing(user_id, chat_id) as change:
        change.allow(Right.CHANGE_ROLE)
        member = _member(chat_id, person)
        if member.role == role:
            return
        owners = _present(chat_id).filter(role=Role.OWNER)
        if member.role == Role.OWNER and owners.count() == 1:
            raise NotPossible("This is the last owner: make somebody else an owner first.")
        member.role = role
        member.rev = change.next_rev()
        member.save(update_fields=["role", "rev"])
        change.tell_member(person)
        change.welcome = [person]


def admit(change: ChatChange, people: list[UUID], *, role: Role = Role.MEMBER) -> list[UUID]:
    """Make people members, under the chat's lock, and have them welcomed; answers who was none
    before. Raises Full."""
    chat = change.chat
    present = set(_present(chat.id).values_list("user_id", flat=True))
    new = [person for person in dict.fromkeys(people) if person not in present]
    if len(present) + len(new) > settings.GROUP_SIZE:
        raise Full(f"A group has at most {settings.GROUP_SIZE} members.")
    # First what is told of it, then the rows: nobody begins with unread news of themselves.
    if role != Role.OWNER:
        for person in new:
            change.entry("joined", about=None if person == change.actor_id else person)
    for person in new:
        Member.objects.update_or_create(
            chat=chat,
            user_id=person,
            defaults={
                "role": role,
                "joined_at": change.now,
                "read_seq": chat.last_seq,
                "delivered_seq": chat.last_seq,
                "rev": change.next_rev(),
                "left_rev": None,
                "person_rev": 0,
            },
        )
        change.tell_member(person)
    # Whoever was here before may have been told of what nobody asks them to read any more.
    read_up_to({(person, chat.id): chat.last_seq for person in new})
    change.welcome += new
    return new


def count_added(user_id: UUID, people: list[UUID]) -> None:
    """Count people added to a group by the person. Raises RateLimited."""
    limits.check(limits.MEMBERS_ADDED, user_id, uses=len(people))
    limits.check_all(limits.ADDED_BY_ONE, [f"{user_id}:{person}" for person in people])


def _end(change: ChatChange, member: Member) -> None:
    person = member.user_id
    member.rev = member.left_rev = change.next_rev()
    member.role = Role.MEMBER
    member.person_rev = advance([person])[person]
    member.save(update_fields=["rev", "left_rev", "role", "person_rev"])
    change.tell_member(person)
    publish([changes.left(person, member.person_rev, change.chat.id)])


def _present(chat_id: UUID) -> QuerySet[Member]:
    return Member.objects.filter(chat_id=chat_id, left_rev=None)


def _left_by_themselves(chat_id: UUID, people: list[UUID]) -> QuerySet[Member]:
    """Former members whose membership ended with the entry `left`, one revision before it."""
    entry = Message.objects.filter(
        chat_id=chat_id, kind="left", sender_id=OuterRef("user_id"), rev=OuterRef("left_rev") - 1
    )
    return Member.objects.filter(Exists(entry), chat_id=chat_id, user_id__in=people)


def _member(chat_id: UUID, person: UUID) -> Member:
    found = _present(chat_id).filter(user_id=person).first()
    if found is None:
        raise NotFound
    return found


def _contacts_among(user_id: UUID, people: Iterable[UUID]) -> list[UUID]:
    wanted = [person for person in dict.fromkeys(people) if person != user_id]
    if wanted and not set(wanted) <= set(contact_ids(user_id)):
        raise NotContacts("You can add your contacts; send others an invite link.")
    return wanted
