"""Links with which people let others be in touch with them, without an invitation to each."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.accounts.newcomers import limited_at_first
from apps.accounts.queries import profiles
from apps.contacts.actions import contacts
from apps.contacts.models import PersonalLink
from apps.contacts.queries import personal_links
from apps.core.errors import NotFound
from apps.core.identifiers import new_id
from apps.core.limits import LINK_TRIES, LINKS, NEWCOMER_INVITATIONS, limited

LIFETIME = timedelta(days=30)


@limited_at_first(NEWCOMER_INVITATIONS)
@limited(LINKS)
def make(owner_id: UUID) -> PersonalLink:
    """A new link of the person; the one before cannot be used any more. Raises NewAccount, and
    NotFound for a closed account."""
    profiles.get_active_user(owner_id)
    now = timezone.now()
    fields = {"number": new_id(), "made_at": now, "expires_at": now + LIFETIME, "uses": 0}
    link, _ = PersonalLink.objects.update_or_create(owner_id=owner_id, defaults=fields)
    return link


@limited(LINKS)
def revoke(owner_id: UUID) -> None:
    """End the person's link. Raises NotFound without one."""
    if not PersonalLink.objects.filter(owner_id=owner_id).delete()[0]:
        raise NotFound


@limited(LINK_TRIES)
@transaction.atomic
def meet(user_id: UUID, token: str) -> UUID:
    """Be in touch with the person whose link it is, as if they had invited this one. Returns that
    person's id.

    Raises NotFound as `personal_links.find`, and NotPossible for an own link, and for somebody
    whom the person has blocked.
    """
    link = personal_links.find(token, by=user_id)
    if contacts.meet(user_id, link.owner_id):
        # Locked last, see docs/locks.md.
        PersonalLink.objects.filter(number=link.number).update(uses=F("uses") + 1)
    return link.owner_id
