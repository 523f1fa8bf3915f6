"""Looking up and finding other people, as far as the asker may see them."""

from typing import NamedTuple, cast
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from msgspec import Struct

from apps.accounts.models import User
from apps.accounts.queries import profiles
from apps.accounts.queries.rows import PERSON, PersonRow, person
from apps.contacts.models import Contact
from apps.core import cursors
from apps.core.clean_text import clean_line
from apps.core.errors import Invalid, NotFound
from apps.core.identifiers import MADE_UP_END
from apps.core.named_rows import select_list
from apps.wire import bodies

PAGE_SIZE = 20
# Of somebody who has not chosen a time zone, and whose devices told none.
NO_ZONE = "UTC"
MIN_QUERY_LENGTH = 2
MAX_QUERY_LENGTH = 80


class FoundRow(NamedTuple):
    """One row of `FIND`: a `PersonRow`, the rank, and the state of the asker's contact."""

    id: UUID
    username: str
    name: str
    about: str
    status: str | None
    picture: UUID | None
    bot: bool
    rank: int
    state: bodies.ContactState

    @property
    def person(self) -> PersonRow:
        """The part that is a person."""
        return PersonRow._make(self[: len(PersonRow._fields)])


# Ranks: people whose username or name begins with the words come first, ordered by username; then
# people with a similar spelling, the most similar first. A typo in a short name leaves a third of
# its trigrams in common ("alcie" and "alice" share 2 of 6). Fewer than three letters are similar to
# too many names.
THRESHOLD = "SET LOCAL pg_trgm.word_similarity_threshold = 0.33"
# The words are folded in SQL, and escaped after that: folding can turn other characters into
# wildcards (a full-width percent sign). These expressions are constant while planning, so both
# conditions use the trigram index. `length >= shortest`: words that fold to nothing would match
# everybody.
FOUND = select_list(
    FoundRow,
    **{name: f"found.{name}" for name in (*PersonRow._fields, "rank")},
    state="coalesce(mine.state, 'none')",
)
FIND = rf"""
WITH found AS (
  SELECT {PERSON.format("person")},
    CASE
      WHEN person.search_name LIKE asked.start OR person.search_name LIKE '%% ' || asked.start
      THEN 2000
      ELSE round(word_similarity(asked.words, person.search_name) * 1000)::int
    END AS rank
  FROM accounts_user AS person
  CROSS JOIN (
    SELECT parley_names(%(words)s) AS words,
      regexp_replace(parley_names(%(words)s), '([\\%%_])', '\\\1', 'g') || '%%' AS start,
      length(regexp_replace(parley_names(%(words)s), '\W', '', 'g')) >= 3 AS fuzzy
  ) AS asked
  WHERE length(asked.words) >= %(shortest)s
    AND (person.search_name LIKE asked.start
      OR person.search_name LIKE '%% ' || asked.start
      OR asked.fuzzy AND asked.words <%% person.search_name)
    AND person.is_active
    AND person.id > '{MADE_UP_END}'
    AND person.id <> %(asker)s
    AND NOT EXISTS (
      SELECT FROM contacts_contact AS block
      WHERE block.owner_id = person.id AND block.other_id = %(asker)s AND block.state = 'blocked'
    )
)
SELECT {FOUND}
FROM found
LEFT JOIN contacts_contact AS mine ON mine.owner_id = %(asker)s AND mine.other_id = found.id
WHERE found.rank < %(rank)s OR (found.rank = %(rank)s AND found.username > %(username)s)
ORDER BY found.rank DESC, found.username
LIMIT %(limit)s
"""  # noqa: S608  constants only


class FoundPerson(Struct, frozen=True):
    """A person, and the state of the asker's contact with them."""

    person: bodies.Person
    state: bodies.ContactState


class PersonDetails(FoundPerson, frozen=True):
    """`time_zone`: of the asker's contacts, if it is known; else null."""

    time_zone: str | None


class FoundPeople(Struct, frozen=True):
    """A page of found people; `next` is the cursor of the next page."""

    items: list[FoundPerson]
    next: str | None


def get_person(asker_id: UUID, person_id: UUID) -> User:
    """A person that the asker may see.

    Raises the same NotFound for somebody who does not exist, has a closed account, or has blocked
    the asker.
    """
    person = profiles.get_active_user(person_id)
    if has_blocked(person_id, asker_id):
        raise NotFound
    return person


def get_details(asker_id: UUID, person_id: UUID) -> PersonDetails:
    """A person, and the state of the asker's contact with them. Raises NotFound as `get_person`."""
    person = get_person(asker_id, person_id)
    mine = Contact.objects.filter(owner_id=asker_id, other_id=person_id)
    state = cast(bodies.ContactState, mine.values_list("state", flat=True).first() or "none")
    is_known = person.has_chosen_zone or person.time_zone != NO_ZONE
    zone = person.time_zone if state == "contact" and is_known else None
    return PersonDetails(profiles.person_body(person), state, zone)


def has_blocked(owner_id: UUID, other_id: UUID) -> bool:
    """Whether `owner` has blocked `other`."""
    rows = Contact.objects.filter(owner_id=owner_id, other_id=other_id)
    return rows.filter(state=Contact.State.BLOCKED).exists()


def blocks_of(person_id: UUID) -> frozenset[UUID]:
    """The people whom a person has blocked, and those who have blocked the person."""
    blocks = Contact.objects.filter(state=Contact.State.BLOCKED)
    mine = blocks.filter(owner_id=person_id).values_list("other_id", flat=True)
    theirs = blocks.filter(other_id=person_id).values_list("owner_id", flat=True)
    return frozenset(mine.union(theirs))


def may_see_picture(asker_id: UUID, file_id: UUID) -> bool:
    """Whether the file is the picture of a person that the asker may see."""
    people = User.objects.filter(picture=file_id, is_active=True)
    blocks = Contact.objects.filter(
        owner_id=OuterRef("id"), other_id=asker_id, state=Contact.State.BLOCKED
    )
    return people.exclude(Exists(blocks)).exists()


def find(asker_id: UUID, words: str, cursor: str | None = None) -> FoundPeople:
    """People whose username or name begins with `words`, or is similar to them.

    E-mail addresses are neither searched nor returned, nor are made-up people. Raises Invalid for
    fewer than two characters and for a cursor of another search.
    """
    words = _words(words)
    rank, username = _position(words, cursor)
    with transaction.atomic(), connection.cursor() as database:
        database.execute(THRESHOLD)
        database.execute(
            FIND,
            {
                "asker": asker_id,
                "words": words,
                "shortest": MIN_QUERY_LENGTH,
                "rank": rank,
                "username": username,
                "limit": PAGE_SIZE + 1,
            },
        )
        rows = [FoundRow._make(values) for values in database.fetchall()]
    following = None
    if len(rows) > PAGE_SIZE:
        last = rows[PAGE_SIZE - 1]
        following = cursors.encode((words, last.rank, last.username))
    return FoundPeople(items=[_found(row) for row in rows[:PAGE_SIZE]], next=following)


def _words(text: str) -> str:
    try:
        words = clean_line(text).removeprefix("@")
    except ValueError as error:
        raise Invalid(str(error), pointer="#/q", reason=str(error)) from error
    if not MIN_QUERY_LENGTH <= len(words) <= MAX_QUERY_LENGTH:
        reason = f"Type {MIN_QUERY_LENGTH} to {MAX_QUERY_LENGTH} characters of a name."
        raise Invalid(reason, pointer="#/q", reason=reason)
    return words


def _position(words: str, cursor: str | None) -> tuple[int, str]:
    """Rank and username after which the page begins. A cursor is valid for its own words only."""
    if cursor is None:
        return 3000, ""
    whose, rank, username = cursors.decode(cursor, tuple[str, int, str])
    if whose != words:
        reason = "This cursor belongs to another search."
        raise Invalid(reason, pointer="#/cursor", reason=reason)
    return rank, username


def _found(row: FoundRow) -> FoundPerson:
    return FoundPerson(person=person(row.person), state=row.state)
