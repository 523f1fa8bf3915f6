"""Changes a person's own profile, and tells everybody who has them in their list."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from apps.accounts.actions import profile, streams
from apps.accounts.queries import profiles
from apps.contacts.models import Contact
from apps.contacts.queries import contacts
from apps.core.errors import Conflict
from apps.core.limits import PROFILE, limited
from apps.wire import bodies
from apps.wire.publish import publish

ATTEMPTS = 5
MARK = """
UPDATE contacts_contact AS row SET owner_rev = told.rev
FROM unnest(%s::uuid[], %s::bigint[]) AS told(owner, rev)
WHERE row.owner_id = told.owner AND row.other_id = %s
"""


@limited(PROFILE)
def update(user_id: UUID, /, *, version: int | None, **fields: Any) -> bodies.Me:
    """Change some of a profile's fields: those `accounts.actions.profile.clean` takes.

    `version` is the one the change started from, None: whichever is current. Raises Conflict when
    another is current by now, Invalid (pointing to the field), NotFound. Without a difference
    nothing is written.
    """
    wanted = profile.clean(fields)
    for _ in range(ATTEMPTS):
        holders = contacts.holders(user_id) if wanted.keys() & profiles.PUBLIC else set()
        done = _try(user_id, version=version, wanted=wanted, holders=holders)
        if done is not None:
            return done
    raise Conflict


@transaction.atomic
def _try(
    user_id: UUID, *, version: int | None, wanted: Mapping[str, Any], holders: set[UUID]
) -> bodies.Me | None:
    """None, with nothing changed, where the holders are others by the time they are locked: all
    streams have to be locked in one step, so it cannot take on more of them."""
    streams.lock([user_id, *holders])
    user = profiles.get_active_user(user_id)
    if version not in (user.version, None):
        raise Conflict
    fields = {name: value for name, value in wanted.items() if getattr(user, name) != value}
    if not fields:
        return profiles.me_body(user)
    told = holders if fields.keys() & profiles.PUBLIC else set()
    if told and contacts.holders(user_id) != told:
        return None
    revs = streams.advance([user_id, *told])
    user = profile.save(user_id, version=user.version, rev=revs.pop(user_id), fields=fields)
    _tell(profiles.person_body(user), revs)
    return profiles.me_body(user)


def _tell(person: bodies.Person, revs: Mapping[UUID, int]) -> None:
    if not revs:
        return
    with connection.cursor() as cursor:
        cursor.execute(MARK, [list(revs), list(revs.values()), person.id])
    rows: Iterable[Contact] = Contact.objects.filter(other_id=person.id, owner_id__in=revs)
    publish(contacts.changed(row, person) for row in rows)
