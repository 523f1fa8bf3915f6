"""Looking up the links with which people let others be in touch with them."""

from uuid import UUID

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from apps.accounts.invite_handlers import Invitation
from apps.contacts.models import PersonalLink
from apps.contacts.queries.people import has_blocked
from apps.core.errors import NotFound

_signer = Signer(sep=".", salt="contacts.personal_link")


def token(link: PersonalLink) -> str:
    """What stands at the end of the link's address."""
    return _signer.sign(link.number.hex)


def url(link: PersonalLink) -> str:
    """The link's address."""
    return f"{settings.PUBLIC_URL}{reverse('with', args=[token(link)])}"


def link_of(owner_id: UUID) -> PersonalLink | None:
    """The person's link, if they have one that is not over."""
    return PersonalLink.objects.filter(owner_id=owner_id, expires_at__gt=timezone.now()).first()


def find(text: str, *, by: UUID | None = None) -> PersonalLink:
    """The link with this token, with its owner.

    Raises the same NotFound for a token that is not ours, a link that was replaced or is over, a
    closed account, and an owner who has blocked the person who asks (`by`).
    """
    try:
        number = UUID(_signer.unsign(text))
    except (BadSignature, ValueError):
        raise NotFound from None
    usable = Q(owner__is_active=True, expires_at__gt=timezone.now())
    link = PersonalLink.objects.filter(usable, number=number).select_related("owner").first()
    if link is None or (by is not None and has_blocked(link.owner_id, by)):
        raise NotFound
    return link


def describe(text: str) -> Invitation:
    """Who invites with this token. Raises NotFound as `find`."""
    owner = find(text).owner
    return Invitation(inviter=owner.get_full_name() or owner.username)
