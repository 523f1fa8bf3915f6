"""Erases the profile and the contacts of a person whose account is deleted."""

from uuid import UUID

from django.db import connection
from django.utils import timezone

from apps.accounts.actions import streams
from apps.accounts.actions.erasure import forget_profile
from apps.accounts.erasure_handlers import Erased
from apps.accounts.models import User
from apps.contacts.contact_locks import lock_contacts_of
from apps.contacts.models import Contact, PersonalLink
from apps.contacts.queries import contacts
from apps.files.actions import pictures
from apps.wire.publish import publish

END = """
UPDATE contacts_contact AS row
SET state = 'none', greeting = '', since = %s, owner_rev = next.rev
FROM unnest(%s::uuid[], %s::bigint[]) AS next(owner, rev)
WHERE row.owner_id = next.owner AND row.other_id = %s
"""


def erase(user_id: UUID) -> Erased:
    """Empty the profile, end all contacts, and tell everybody who ever had the person in their
    list: they have a direct chat in which the new name is shown."""
    if User.objects.filter(id=user_id).exclude(erased_at=None).exists():
        return {}
    # As every change that ends a contact.
    lock_contacts_of(user_id)
    # Nobody is added: the account is closed, and each new contact checks that under these locks.
    owners = list(Contact.objects.filter(other_id=user_id).values_list("owner_id", flat=True))
    picture = User.objects.values_list("picture", flat=True).get(id=user_id)
    pictures.lock(user_id, current=picture, wanted=None, pointer="")
    streams.lock([user_id, *owners])
    person = forget_profile(user_id)
    pictures.replace(picture, None)
    PersonalLink.objects.filter(owner_id=user_id).delete()
    own, _ = Contact.objects.filter(owner_id=user_id).delete()
    if owners:
        revs = streams.advance(owners)
        with connection.cursor() as cursor:
            cursor.execute(END, [timezone.now(), [*revs], [*revs.values()], user_id])
        rows = Contact.objects.filter(other_id=user_id)
        publish(contacts.changed(row, person) for row in rows)
    return {"profiles": 1, "contacts": own}
