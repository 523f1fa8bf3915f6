"""Invite, greet, accept, decline, cancel, remove, block and unblock: one person acts on another.

Each action takes the ids of the actor and of the other person, and returns the contact as the actor
then sees it. The rows of both people change in one transaction under both stream locks, so
concurrent actions run one after the other: two simultaneous invitations become one contact.

All raise NotFound (no such person, or a closed account) and NotPossible.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from apps.accounts.actions import streams
from apps.accounts.models import User
from apps.accounts.newcomers import check_newcomer, limited_at_first
from apps.accounts.queries import profiles
from apps.accounts.queries.moderated import slowdown
from apps.contacts.acceptance_handlers import Acceptance, accepted
from apps.contacts.actions import transitions
from apps.contacts.actions.transitions import PairState, Verb, next_state
from apps.contacts.contact_locks import lock_contact
from apps.contacts.models import Contact
from apps.contacts.models.contact import MAX_GREETING_LENGTH
from apps.contacts.queries import contacts
from apps.core.clean_text import is_blank
from apps.core.errors import Empty, Greeted, Invalid, NotFound, NotPossible, Slowed, TooLong
from apps.core.limits import (
    CONTACTS,
    INVITATIONS,
    NEWCOMER_INVITATIONS,
    NEWCOMER_LINK_MESSAGES,
    limited,
)
from apps.wire import bodies
from apps.wire.publish import Publication, publish

BETWEEN_GREETINGS = timedelta(days=1)
# A quick look: `chats.links` finds them exactly, and is above this app.
LINK = re.compile(r"://|\bwww\.", re.IGNORECASE)
# These change the direct chat of the two, or what it allows.
CONCERNS_CHAT: frozenset[Verb] = frozenset({"invite", "meet", "accept", "remove", "block"})


@limited_at_first(NEWCOMER_INVITATIONS)
@limited(CONTACTS, INVITATIONS)
def invite(owner_id: UUID, other_id: UUID) -> bodies.Contact:
    """Invite a person; accepts their invitation if they sent one. Also raises RateLimited and
    NewAccount."""
    return _act("invite", owner_id, other_id)


def meet(user_id: UUID, other_id: UUID) -> bool:
    """Become contacts at once: the other person's link invites everybody who has it
    (`personal_links`). Returns whether they were not before. Raises NotFound also for somebody who
    blocked the person."""
    return _change("meet", user_id, other_id)[1]


@limited(CONTACTS)
def greet(owner_id: UUID, other_id: UUID, text: str) -> bodies.Contact:
    """Say something with an invitation that waits. Once a day: an invitation is no way to write to
    somebody who has not answered. When it is accepted, this is the first message of the chat.

    Also raises Greeted, Empty, TooLong, Invalid, Slowed for a person whom moderators slowed down,
    and NewAccount for a link by a new account, as with messages.
    """
    text = _checked_greeting(text)
    if slowdown(profiles.get_active_user(owner_id)) is not None:
        raise Slowed
    if LINK.search(text):
        check_newcomer(NEWCOMER_LINK_MESSAGES, owner_id)
    return _greet(owner_id, other_id, text)


def _checked_greeting(text: str) -> str:
    text = text.strip()
    if is_blank(text):
        raise Empty
    if len(text) > MAX_GREETING_LENGTH:
        raise TooLong
    if "\x00" in text:
        raise Invalid("A greeting cannot contain the NUL character.", pointer="#/text")
    return text


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
def _greet(owner_id: UUID, other_id: UUID, text: str) -> bodies.Contact:
    pair = _lock(owner_id, other_id)
    mine, theirs = pair.rows
    if mine.greeting == text:  # a retry
        return pair.mine()
    now = timezone.now()
    if mine.greeted_at is not None and now < mine.greeted_at + BETWEEN_GREETINGS:
        raise Greeted
    if pair.state != transitions.INVITING or mine.greeting:
        raise NotPossible
    mine.greeting = theirs.greeting = text
    mine.greeted_at = now
    pair.store([mine, theirs])
    return pair.mine()


def _act(verb: Verb, owner_id: UUID, other_id: UUID) -> bodies.Contact:
    return _change(verb, owner_id, other_id)[0]


@transaction.atomic
def _change(verb: Verb, owner_id: UUID, other_id: UUID) -> tuple[bodies.Contact, bool]:
    """The contact as the actor then sees it, and whether anything has changed."""
    if verb in CONCERNS_CHAT:
        lock_contact(owner_id, other_id)
    pair = _lock(owner_id, other_id)
    before, after = pair.state, next_state(verb, pair.state)
    if before == after:
        return pair.mine(), False
    greeting = pair.rows[0].greeting
    changed = [row for row, was, is_ in zip(pair.rows, before, after, strict=True) if was != is_]
    for row, state in zip(pair.rows, after, strict=True):
        row.state, row.greeting = state, ""
    pair.store(changed)
    if after == transitions.CONTACTS:
        # Who invited somebody, and then came by their link, is accepted by them.
        sides = (other_id, owner_id) if before == transitions.INVITING else (owner_id, other_id)
        accepted(Acceptance(*sides, greeting))
    return pair.mine(), True


class _Pair(NamedTuple):
    """Two people and the row of each, the actor's first, under their stream locks."""

    people: Mapping[UUID, User]
    rows: tuple[Contact, Contact]

    @property
    def state(self) -> PairState:
        mine, theirs = self.rows
        return Contact.State(mine.state), Contact.State(theirs.state)

    def mine(self) -> bodies.Contact:
        """The contact as the actor sees it."""
        mine = self.rows[0]
        return contacts.body(mine, self.people[mine.other_id])

    def store(self, changed: list[Contact]) -> None:
        """Write these rows and publish them to their owners."""
        _store(changed)
        publish(self._publication(row) for row in changed)
        mine, theirs = self.rows
        if mine in changed and theirs not in changed:
            # Their connections look again who blocks them; no event tells them so.
            publish([contacts.unseen_change(theirs)])

    def _publication(self, row: Contact) -> Publication:
        return contacts.changed(row, self.people[row.other_id])


def _lock(owner_id: UUID, other_id: UUID) -> _Pair:
    if owner_id == other_id:
        raise NotPossible
    streams.lock([owner_id, other_id])
    people = User.objects.in_bulk([owner_id, other_id])
    if not all(person in people and people[person].is_active for person in (owner_id, other_id)):
        raise NotFound
    rows = contacts.between(owner_id, other_id)
    mine = rows.get(owner_id) or _new_row(owner_id, other_id)
    theirs = rows.get(other_id) or _new_row(other_id, owner_id)
    return _Pair(people, (mine, theirs))


def _new_row(owner_id: UUID, other_id: UUID) -> Contact:
    return Contact(
        owner_id=owner_id,
        other_id=other_id,
        state=transitions.NONE,
        since=timezone.now(),
        owner_rev=0,
    )


def _store(rows: list[Contact]) -> None:
    """Save the rows, each under the next revision of its owner's stream."""
    revs = streams.advance(row.owner_id for row in rows)
    since = timezone.now()
    for row in rows:
        row.owner_rev = revs[row.owner_id]
        row.since = since
    Contact.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["owner", "other"],
        update_fields=["state", "since", "owner_rev", "greeting", "greeted_at"],
    )
