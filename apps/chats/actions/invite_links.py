"""Invite links of groups: making, revoking, and joining by them."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext

from apps.accounts.invite_handlers import Invitation
from apps.accounts.newcomers import limited_at_first
from apps.accounts.queries import profiles
from apps.chats.actions.chat_change import changing, changing_without_membership
from apps.chats.actions.membership import active_members, admit
from apps.chats.invite_secrets import hash_of, secret_of
from apps.chats.models import InviteLink, Member
from apps.chats.queries import members
from apps.chats.queries.invite_links import usable_links, with_secret
from apps.chats.roles import Right
from apps.core.errors import ChatClosed, Forbidden, Invalid, NotFound, NotPossible
from apps.core.identifiers import new_id
from apps.core.limits import LINK_TRIES, LINKS, NEWCOMER_INVITATIONS, limited

MAX_LIFETIME = timedelta(days=365)
REMOVED = "You were removed from this group. Only a member can add you again."
MAX_LINKS = 50


@limited_at_first(NEWCOMER_INVITATIONS)
@limited(LINKS)
def create_link(
    user_id: UUID, chat_id: UUID, *, lifetime: timedelta, most_uses: int | None
) -> InviteLink:
    """Create a link to a group.

    Raises NotFound, Forbidden, Invalid, NewAccount, and NotPossible beyond `MAX_LINKS` usable
    links.
    """
    if not timedelta(0) < lifetime <= MAX_LIFETIME:
        raise Invalid("A link lasts at most a year.", pointer="#/hours")
    link_id = new_id()
    with changing(user_id, chat_id, Right.INVITE_LINK) as change:
        if usable_links().filter(chat_id=chat_id).count() >= MAX_LINKS:
            words = gettext("This group has {n} invite links. Revoke one first.")
            raise NotPossible(words.format(n=MAX_LINKS))
        return InviteLink.objects.create(
            id=link_id,
            chat_id=chat_id,
            secret_hash=hash_of(secret_of(link_id)),
            made_by_id=user_id,
            made_at=change.now,
            expires_at=change.now + lifetime,
            most_uses=most_uses,
        )


@limited(LINKS)
def revoke_link(user_id: UUID, chat_id: UUID, *, link_id: UUID) -> None:
    """Revoke a link. Raises NotFound, Forbidden."""
    with changing(user_id, chat_id, Right.INVITE_LINK) as change:
        found = InviteLink.objects.filter(id=link_id, chat_id=chat_id, revoked_at=None)
        if not found.update(revoked_at=change.now):
            raise NotFound


def find_link(secret: str) -> InviteLink:
    """The usable link with this secret.

    Raises the same NotFound for unknown, revoked, expired and used-up links, and for links into a
    group without active members.
    """
    link = usable_links() & with_secret(secret)
    link = link.filter(Exists(active_members(OuterRef("chat_id"))))
    if (found := link.select_related("chat").first()) is None:
        raise NotFound
    return found


def describe(secret: str) -> Invitation:
    """Who invites to which group with this secret; without a name if they have left.

    Raises NotFound as `find_link`.
    """
    link = find_link(secret)
    people = members.of_chat(link.chat_id)
    inviter = next((one.person.name for one in people if one.person.id == link.made_by_id), "")
    return Invitation(inviter, link.chat.title, len(people))


def chat_of_member(secret: str, user_id: UUID) -> UUID | None:
    """The chat of the link with this secret, usable or not, if the person is a member already."""
    mine = active_members(OuterRef("chat_id")).filter(user_id=user_id)
    return with_secret(secret).filter(Exists(mine)).values_list("chat_id", flat=True).first()


@limited(LINK_TRIES)
def join_by_link(user_id: UUID, secret: str) -> UUID:
    """Join the link's group and return the chat's id. Existing members do not consume a use.

    Raises NotFound, Full, ChatClosed, and Forbidden for a person who was removed from the group:
    only a member can add them again.
    """
    link = find_link(secret)
    with changing_without_membership(user_id, link.chat_id) as change:
        # Check again under the chat's lock, so that simultaneous joins are counted exactly.
        link = find_link(secret)
        profiles.get_active_user(user_id)
        if Member.objects.filter(pk=(link.chat_id, user_id), removed=True).exists():
            raise Forbidden(REMOVED)
        if change.chat.closed_reason:
            raise ChatClosed
        if admit(change, [user_id]):
            InviteLink.objects.filter(id=link.id).update(uses=F("uses") + 1)
    return link.chat_id
