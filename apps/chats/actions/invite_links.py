"""Links by which people join a group: 128 bits and more, of which only the hash is kept."""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from msgspec import Struct

from apps.accounts.queries import profiles
from apps.chats.actions.change import changing, changing_from_outside
from apps.chats.actions.membership import active, admit
from apps.chats.models import InviteLink, Member
from apps.chats.roles import Right
from apps.core.errors import Forbidden, Invalid, NotFound, NotPossible
from apps.core.limits import LINK_TRIES, LINKS, limited

BYTES = 20
LONGEST = timedelta(days=365)
REMOVED = "You were removed from this group. Only a member can add you again."
MAX_LINKS = 50


class MadeLink(Struct, frozen=True):
    """A fresh link; its secret is shown this once."""

    id: UUID
    secret: str


@limited(LINKS)
def make_link(user_id: UUID, chat_id: UUID, *, lasts: timedelta, most_uses: int | None) -> MadeLink:
    """A new link to a group.

    Raises NotFound, Forbidden, Invalid, and NotPossible beyond `MAX_LINKS` that can be used."""
    if not timedelta(0) < lasts <= LONGEST:
        raise Invalid("A link lasts at most a year.", pointer="#/hours")
    secret = secrets.token_urlsafe(BYTES)
    with changing(user_id, chat_id, Right.INVITE_LINK) as change:
        if usable_links().filter(chat_id=chat_id).count() >= MAX_LINKS:
            raise NotPossible(f"This group has {MAX_LINKS} invite links. Revoke one first.")
        link = InviteLink.objects.create(
            chat_id=chat_id,
            secret_hash=_hash(secret),
            made_by_id=user_id,
            made_at=change.now,
            expires_at=change.now + lasts,
            most_uses=most_uses,
        )
    return MadeLink(link.id, secret)


@limited(LINKS)
def revoke_link(user_id: UUID, chat_id: UUID, link_id: UUID) -> None:
    """End a link. Raises NotFound, Forbidden."""
    with changing(user_id, chat_id, Right.INVITE_LINK) as change:
        found = InviteLink.objects.filter(id=link_id, chat_id=chat_id, revoked_at=None)
        if not found.update(revoked_at=change.now):
            raise NotFound


def usable_links() -> QuerySet[InviteLink]:
    """Links that are neither revoked, expired nor used up."""
    left = Q(most_uses=None) | Q(uses__lt=F("most_uses"))
    return InviteLink.objects.filter(left, revoked_at=None, expires_at__gt=timezone.now())


def find_link(secret: str) -> InviteLink:
    """A link that can be used now.

    Raises NotFound, alike, for one that is unknown, ended or used up, and into a group that nobody
    is left in.
    """
    link = usable_links().filter(Exists(active(OuterRef("chat_id"))), secret_hash=_hash(secret))
    link = link.select_related("chat")
    if (found := link.first()) is None:
        raise NotFound
    return found


@limited(LINK_TRIES)
def join_by_link(user_id: UUID, secret: str) -> UUID:
    """Join the link's group; a present member uses nothing up. Returns the chat.

    Raises NotFound, Full, and Forbidden for a person who was removed from the group: only a member
    can add them again.
    """
    link = find_link(secret)
    with changing_from_outside(user_id, link.chat_id) as change:
        # Under the chat's lock, so that the count is exact whoever else joins now.
        link = find_link(secret)
        profiles.get_active_user(user_id)
        if Member.objects.filter(pk=(link.chat_id, user_id), removed=True).exists():
            raise Forbidden(REMOVED)
        if admit(change, [user_id]):
            InviteLink.objects.filter(id=link.id).update(uses=F("uses") + 1)
    return link.chat_id


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
