"""Invite, accept, decline, cancel, remove, block and unblock: one person acts on another.

Each action takes the ids of the actor and of the other person, and returns the contact as the actor
then sees it. The rows of both people change in one transaction under both stream locks, so
concurrent actions run one after the other: two simultaneous invitations become one contact.

All raise NotFound (no such person, or a closed account) and NotPossible.
"""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.actions import streams
from apps.accounts.models import User
from apps.accounts.newcomers import limited_at_first
from apps.accounts.queries import profiles
from apps.contacts.actions.transitions import NONE, Verb, next_state
from apps.contacts.contact_locks import lock_contact
from apps.contacts.models import Contact
from apps.contacts.queries import contacts
from apps.core.errors import NotFound, NotPossible
from apps.core.limits import CONTACTS, INVITATIONS, NEWCOMER_INVITATIONS, limited
from apps.wire import bodies
from apps.wire.publish import publish

ENDS_CONTACT: frozenset[Verb] = frozenset({"remove", "block"})


@limited_at_first(NEWCOMER_INVITATIONS)
@limited(CONTACTS, INVITATIONS)
def invite(owner_id: UUID, other_id: UUID) -> bodies.Contact:
    """Invite a person; accepts their invitation if they sent one. Also raises RateLimited and
    NewAccount."""
    return _act("invite", owner_id, other_id)


@limited(CONTACTS)
def accept(owner_id: UUID, other_id: UUID) -> bodies.Contact:
    """Accept their invitation."""
    return _act("accept", owner_id, other_id)


@limited(CONTACTS)
def decline(owner_id: UUID, other_id: UUID) -> bodies.Contact:
    """Decline their invitation."""
    return _act("decline", owner_id, other_id)


@limited(CONTACTS)
def cancel(owner_id: UUID, other_id: UUID) -> bodies.Contact:
    """Cancel an invitation."""
    return _act("cancel", owner_id, other_id)


@limited(CONTACTS)
def remove(owner_id: UUID, other_id: UUID) -> bodies.Contact:
    """Remove a contact."""
    return _act("remove", owner_id, other_id)


@limited(CONTACTS)
def block(owner_id: UUID, other_id: UUID) -> bodies.Contact:
    """Block a person. They are not told: to them the contact looks removed."""
    return _act("block", owner_id, other_id)


@limited(CONTACTS)
def unblock(owner_id: UUID, other_id: UUID) -> bodies.Contact:
    """Unblock a person. Becoming contacts again takes a new invitation."""
    return _act("unblock", owner_id, other_id)


@transaction.atomic
def _act(verb: Verb, owner_id: UUID, other_id: UUID) -> bodies.Contact:
    if owner_id == other_id:
        raise NotPossible
    if verb in ENDS_CONTACT:
        lock_contact(owner_id, other_id)
    streams.lock([owner_id, other_id])
    people = User.objects.in_bulk([owner_id, other_id])
    if not all(person in people and people[person].is_active for person in (owner_id, other_id)):
        raise NotFound
    rows = contacts.between(owner_id, other_id)
    sides = [(owner_id, other_id), (other_id, owner_id)]
    before = [rows.get(side[0]) or _new_row(*side) for side in sides]
    after = next_state(verb, (Contact.State(before[0].state), Contact.State(before[1].state)))
    changed = [row for row, state in zip(before, after, strict=True) if row.state != state]
    for row, state in zip(before, after, strict=True):
        row.state = state
    _store(changed)
    publish(contacts.changed(row, profiles.person_body(people[row.other_id])) for row in changed)
    return contacts.body(before[0], profiles.person_body(people[other_id]))


def _new_row(owner_id: UUID, other_id: UUID) -> Contact:
    return Contact(
        owner_id=owner_id, other_id=other_id, state=NONE, since=timezone.now(), owner_rev=0
    )


def _store(rows: list[Contact]) -> None:
    """Save the changed rows, each under the next revision of its owner's stream."""
    if not rows:
        return
    revs = streams.advance(row.owner_id for row in rows)
    since = timezone.now()
    for row in rows:
        row.owner_rev = revs[row.owner_id]
        row.since = since
    Contact.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["owner", "other"],
        update_fields=["state", "since", "owner_rev"],
    )
