"""Members of a group: admitting them, ending memberships, changing roles, revoking links.

Call these functions under the chat's lock, as part of a `ChatChange`.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Case, IntegerField, OuterRef, QuerySet, Value, When
from django.utils.translation import gettext

from apps.chats.actions.chat_change import ChatChange
from apps.chats.departures import companions
from apps.chats.models import InviteLink, Member
from apps.chats.models.member import Role
from apps.chats.roles import Right, may
from apps.core.errors import Full, NotFound
from apps.core.runtime import runtime

# Fields written on joining. An existing row keeps the person's own settings of the chat, but not
# that it was marked unread.
SET_AT_JOINING = (
    "role",
    "joined_at",
    "read_seq",
    "delivered_seq",
    "rev",
    "left_rev",
    "removed",
    "person_rev",
    "marked_unread",
    "unread_from",
    "read_from",
    "read_to",
    "read_at",
)


def present_members(chat_id: UUID | OuterRef) -> QuerySet[Member]:
    """The members of a chat, including those with a closed account."""
    return Member.objects.filter(chat_id=chat_id, left_rev=None)


def active_members(chat_id: UUID | OuterRef) -> QuerySet[Member]:
    """The members of a chat whose account is open. Only they can own and manage it."""
    return present_members(chat_id).filter(user__is_active=True)


def left_voluntarily(chat_id: UUID, people: Iterable[UUID]) -> QuerySet[Member]:
    """Former members among `people` who left rather than being removed. Bots have no such will."""
    former = Member.objects.filter(chat_id=chat_id, user_id__in=people, left_rev__isnull=False)
    return former.filter(removed=False, user__is_bot=False)


def get_member(chat_id: UUID, person: UUID) -> Member:
    """A current member. Raises NotFound."""
    found = present_members(chat_id).filter(user_id=person).first()
    if found is None:
        raise NotFound
    return found


def admit(change: ChatChange, people: Iterable[UUID], *, role: Role = Role.MEMBER) -> list[UUID]:
    """Make people members. Returns those who were not members before.

    Runs a constant number of statements. Raises Full.
    """
    chat = change.chat
    here = set(present_members(chat.id).values_list("user_id", flat=True))
    new = [person for person in dict.fromkeys(people) if person not in here]
    if len(here) + len(new) > runtime.GROUP_SIZE:
        raise Full(gettext("A group has at most {n} members.").format(n=runtime.GROUP_SIZE))
    if not new:
        return []
    # Add the entries before the rows, so that nobody starts with an unread entry about themselves.
    if role != Role.OWNER:
        change.entries(
            "joined", about=[None if person == change.actor_id else person for person in new]
        )
    revs = {person: change.next_rev() for person in new}
    Member.objects.bulk_create(
        [
            Member(
                chat=chat,
                user_id=person,
                role=role,
                joined_at=change.now,
                read_seq=chat.last_seq,
                delivered_seq=chat.last_seq,
                rev=rev,
                left_rev=None,
                removed=False,
                person_rev=0,
            )
            for person, rev in revs.items()
        ],
        update_conflicts=True,
        unique_fields=["chat", "user"],
        update_fields=SET_AT_JOINING,
    )
    change.publish_members(revs)
    change.chat_changed_for += new
    # Cancel pushes that former members still have pending for earlier entries.
    change.read_by.update(new)
    return new


def end_membership(change: ChatChange, member: Member, *, removed: bool) -> None:
    """End a membership, and those of the person's bots, which the timeline shows as removed by the
    actor: nobody goes on reading through a bot. They get no changes after these revisions.

    `removed`: someone else ended it, so the person cannot return by a link. This is not said of the
    bots: nobody decided about them.
    """
    chat_id = change.chat.id
    bots = companions(chat_id, member.user_id)
    if bots:
        # All at once, by person: receipts lock members in this order, too (docs/locks.md).
        rows = Member.objects.filter(chat_id=chat_id, user_id__in=[member.user_id, *bots])
        locked = list(rows.order_by("user_id").select_for_update(no_key=True))
        change.entries("removed", about=bots)
        for bot in locked:
            if bot.user_id != member.user_id:
                _end(change, bot, removed=False)
    _end(change, member, removed=removed)
    if not active_members(chat_id).exists():
        revoke_links(change)


def _end(change: ChatChange, member: Member, *, removed: bool) -> None:
    member.rev = member.left_rev = change.next_rev()
    member.role = Role.MEMBER
    member.removed = removed
    member.save(update_fields=["rev", "left_rev", "role", "removed"])
    change.publish_members({member.user_id: member.rev})
    change.chat_left_by.append(member.user_id)
    revoke_links_of(change, member.user_id)


def set_role(change: ChatChange, member: Member, role: Role) -> None:
    """Change a member's role. Revokes their links if the new role may not create any."""
    member.role = role
    member.rev = change.next_rev()
    member.save(update_fields=["role", "rev"])
    change.publish_members({member.user_id: member.rev})
    change.chat_changed_for.append(member.user_id)
    if not may(role, Right.INVITE_LINK, direct=False):
        revoke_links_of(change, member.user_id)


def next_owner(chat_id: UUID, leaving: UUID) -> Member | None:
    """Who becomes the owner after `leaving`: the longest-standing admin, or else member.

    None when no other member has an open account. Never a bot.
    """
    rank = Case(When(role=Role.ADMIN, then=Value(0)), default=Value(1), output_field=IntegerField())
    others = active_members(chat_id).filter(user__is_bot=False).exclude(user_id=leaving)
    return others.order_by(rank, "joined_at", "user_id").first()


def revoke_links(change: ChatChange) -> None:
    """Revoke all links of the group."""
    InviteLink.objects.filter(chat=change.chat, revoked_at=None).update(revoked_at=change.now)


def revoke_links_of(change: ChatChange, maker: UUID) -> None:
    """Revoke the links that one person created."""
    links = InviteLink.objects.filter(chat=change.chat, made_by_id=maker, revoked_at=None)
    links.update(revoked_at=change.now)
