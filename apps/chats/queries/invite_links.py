"""Invite links of groups: those that can be used, and their addresses."""

from uuid import UUID

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from apps.chats.invite_secrets import hash_of, is_forged
from apps.chats.models import InviteLink
from apps.chats.queries.access import get_membership
from apps.chats.roles import Right, may
from apps.core.errors import Forbidden, NotFound


def usable_links() -> QuerySet[InviteLink]:
    """Links that are not revoked, expired or used up."""
    left = Q(most_uses=None) | Q(uses__lt=F("most_uses"))
    return InviteLink.objects.filter(left, revoked_at=None, expires_at__gt=timezone.now())


def links_of(user_id: UUID, chat_id: UUID) -> QuerySet[InviteLink]:
    """The usable links of a group, the newest first, for a member who may make links.

    Raises NotFound, Forbidden.
    """
    member = get_membership(user_id, chat_id)
    if not may(member.role, Right.INVITE_LINK, direct=member.chat.kind == "direct"):
        raise Forbidden
    return usable_links().filter(chat_id=chat_id).order_by("-made_at")


def url(link: InviteLink) -> str | None:
    """The link's address; None if it cannot be read again: of an older link, or after a change of
    `SECRET_KEY`."""
    if hash_of(link.secret) != link.secret_hash:
        return None
    return f"{settings.PUBLIC_URL}{reverse('join', args=[link.secret])}"


def with_secret(secret: str) -> QuerySet[InviteLink]:
    """The link whose address ends with this secret, usable or not."""
    if is_forged(secret):
        return InviteLink.objects.none()
    return InviteLink.objects.filter(secret_hash=hash_of(secret))


def url_of(user_id: UUID, chat_id: UUID, link_id: UUID) -> str:
    """The address of one link, for a member who may make links. Raises NotFound, Forbidden."""
    link = links_of(user_id, chat_id).filter(id=link_id).first()
    address = link and url(link)
    if not address:
        raise NotFound
    return address
