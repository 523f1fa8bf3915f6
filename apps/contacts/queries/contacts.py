"""A person's contacts, as they may see them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.accounts.models import User
from apps.accounts.queries import profiles
from apps.accounts.queries import rows as person_rows
from apps.accounts.queries.rows import PERSON, QUIET, PersonRow
from apps.contacts.models import Contact
from apps.core.reads import KeyedRead, Read, Rows, bigints, complete_rows, result_of
from apps.wire import bodies
from apps.wire.events import ContactChanged
from apps.wire.publish import Publication, Watch

_OTHER = sorted(profiles.OF_CONTACTS)
LISTS = f"""
SELECT k.owner_id, k.state, k.since, k.greeting,
    CASE WHEN k.state = 'contact' THEN {QUIET.format("p")} END, {PERSON.format("p")}
FROM contacts_contact k JOIN accounts_user p ON p.id = k.other_id
WHERE k.owner_id = ANY(%s) AND k.state <> 'none' ORDER BY k.since, k.other_id
"""  # noqa: S608  constants only
_CHANGED = ("owner_id", "state", "since", "greeting", "owner_rev")
CHANGES = f"""
SELECT asked.person, {", ".join(f"k.{name}" for name in _CHANGED)},
    {", ".join(f"p.{name}" for name in _OTHER)}
FROM unnest(%s::uuid[], %s::bigint[]) AS asked (person, since)
JOIN contacts_contact k ON k.owner_id = asked.person AND k.owner_rev > asked.since
JOIN accounts_user p ON p.id = k.other_id ORDER BY k.owner_rev
"""  # noqa: S608  constants only
# People are read one after the other, until the limit is reached.
CONTACT_IDS = """
SELECT asked.person, its.total, its.other_id FROM unnest(%s::uuid[]) AS asked (person)
LEFT JOIN LATERAL (
    SELECT k.other_id, count(*) OVER () AS total FROM contacts_contact k
    WHERE k.owner_id = asked.person AND k.state = 'contact'
) its ON true
LIMIT %s
"""


def _of(user_id: UUID) -> QuerySet[Contact]:
    rows = Contact.objects.filter(owner_id=user_id).select_related("other")
    others = (f"other__{name}" for name in _OTHER)
    return rows.only("owner_id", "state", "since", "owner_rev", "greeting", *others)


def body(row: Contact, other: User) -> bodies.Contact:
    """The contact as the row's owner sees it."""
    state = cast(bodies.ContactState, row.state)
    return bodies.Contact(
        person=profiles.person_body(other),
        state=state,
        since=row.since,
        greeting=_greeting(state, row.greeting),
        quiet=profiles.quiet(other) if state == "contact" else None,
    )


def _greeting(state: bodies.ContactState, greeting: str) -> str:
    """What is shown of a stored greeting. Servers of the release before answer invitations, too,
    and leave it in the row."""
    return greeting if state in ("outgoing", "incoming") else ""


def list_for(user_id: UUID) -> list[bodies.Contact]:
    """The person's contacts, invitations in both directions and blocks, in one query."""
    return lists_of([user_id])[user_id]


def lists_of(people: Collection[UUID]) -> dict[UUID, list[bodies.Contact]]:
    """`list_for` for several people, in one query."""
    return result_of(lists_reading(people))


def lists_reading(people: Collection[UUID]) -> Read[dict[UUID, list[bodies.Contact]]]:
    """The read of `lists_of`."""

    def build(rows: Rows) -> dict[UUID, list[bodies.Contact]]:
        found: dict[UUID, list[bodies.Contact]] = {user_id: [] for user_id in people}
        for owner, state, since, greeting, quiet, *values in rows:
            contact = bodies.Contact(
                person=person_rows.person(PersonRow._make(values)),
                state=state,
                since=since,
                greeting=_greeting(state, greeting),
                quiet=person_rows.quiet(quiet),
            )
            found[owner].append(contact)
        return found

    return Read(LISTS, [list(people)], build)


def contacts_among(user_id: UUID, people: Iterable[UUID]) -> set[UUID]:
    """Those of these people who are contacts of the person."""
    rows = Contact.objects.filter(
        owner_id=user_id, other_id__in=list(people), state=Contact.State.CONTACT
    )
    return set(rows.values_list("other_id", flat=True))


def page(
    user_id: UUID,
    *,
    state: bodies.ContactState | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[bodies.Contact]:
    """Up to `limit` of them, oldest first, after the (since, person) in `after`."""
    rows = _of(user_id).exclude(state=Contact.State.NONE).order_by("since", "other_id")
    if state is not None:
        rows = rows.filter(state=state)
    if after is not None:
        at, person = after
        rows = rows.filter(Q(since__gt=at) | Q(since=at, other_id__gt=person))
    return [body(row, row.other) for row in rows[:limit]]


def changes_reading(since: Mapping[UUID, int]) -> KeyedRead[UUID, Publication]:
    """The read of the events of each person's contacts that changed after a revision of their
    stream, oldest first."""

    def build(values: Sequence[Any]) -> Publication:
        row = Contact(**dict(zip(_CHANGED, values, strict=False)))
        other = User(**dict(zip(_OTHER, values[len(_CHANGED) :], strict=True)))
        return changed(row, other)

    return KeyedRead(CHANGES, [list(since), bigints(since.values())], build)


def changed(row: Contact, other: User) -> Publication:
    """The event of a row's last change, for its owner's stream."""
    return Publication(
        stream="person",
        to=row.owner_id,
        event=ContactChanged(user_rev=row.owner_rev, contact=body(row, other)),
        rev=row.owner_rev,
        follows=row.owner_rev - 1,
        effect=Watch(person=other.id, on=row.state == Contact.State.CONTACT),
    )


def unseen_change(row: Contact) -> Publication:
    """What a change of the other side means to the owner of a row that did not change: no event."""
    effect = Watch(person=row.other_id, on=row.state == Contact.State.CONTACT)
    return Publication(stream="person", to=row.owner_id, event=None, effect=effect)


def contact_ids(user_id: UUID) -> list[UUID]:
    """The ids of the person's contacts."""
    return result_of(contact_ids_reading([user_id]))[user_id]


def contact_ids_reading(
    people: Collection[UUID], *, limit: int | None = None
) -> Read[dict[UUID, list[UUID]]]:
    """The read of `contact_ids` for the first of these people, as many as have `limit` contacts
    together; perhaps for nobody."""

    def build(rows: Rows) -> dict[UUID, list[UUID]]:
        return {owner: [id_ for (id_,) in own] for owner, own in complete_rows(rows).items()}

    return Read(CONTACT_IDS, [list(people), limit], build)


def are_contacts(a: UUID, b: UUID) -> bool:
    """Whether two people are contacts."""
    return Contact.objects.filter(owner_id=a, other_id=b, state=Contact.State.CONTACT).exists()


def greeting_of(inviter_id: UUID, *, to: UUID) -> str:
    """What somebody said with an invitation that waits for a person; empty if there is none."""
    rows = Contact.objects.filter(owner_id=to, other_id=inviter_id, state=Contact.State.INCOMING)
    return rows.values_list("greeting", flat=True).first() or ""


def between(a: UUID, b: UUID) -> dict[UUID, Contact]:
    """The rows of two people, by owner; a side without a row is left out."""
    rows = Contact.objects.filter(Q(owner_id=a, other_id=b) | Q(owner_id=b, other_id=a))
    return {row.owner_id: row for row in rows}


def holders(user_id: UUID, *states: Contact.State) -> set[UUID]:
    """The ids of the people who have this person in their list, in these states or in any."""
    rows = Contact.objects.filter(other_id=user_id).exclude(state=Contact.State.NONE)
    if states:
        rows = rows.filter(state__in=states)
    return set(rows.values_list("owner_id", flat=True))
