"""Other people, as far as the asker may know of them."""

from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from msgspec import Struct

from apps.accounts.models import User
from apps.accounts.queries import profiles
from apps.accounts.queries.rows import PERSON, PersonRow, person
from apps.contacts.models import Contact
from apps.core import cursors
from apps.core.clean_text import clean_line
from apps.core.errors import Invalid, NotFound
from apps.core.named_rows import select_list
from apps.wire import bodies

PAGE = 20
SHORTEST = 2
LONGEST = 80


class FoundRow(NamedTuple):
    """One row of `FIND`: a `PersonRow`, the rank, and how the asker stands to the person."""

    id: UUID
    username: str
    name: str
    about: str
    status: str | None
    rank: int
    state: bodies.ContactState

    @property
    def person(self) -> PersonRow:
        """The part that is a person."""
        return PersonRow(self.id, self.username, self.name, self.about, self.status)


# Ranks: whoever's username or one of whose names begins with the words comes first, in the order
# of usernames; then whoever is spelled alike, the likest first. A third of a word's trigrams in
# common is what a typo in a short name leaves ("alcie" and "alice" share 2 of 6). Fewer than three
# letters are like too many names.
THRESHOLD = "SET LOCAL pg_trgm.word_similarity_threshold = 0.33"
# The words are folded here, not before: folding makes wildcards of other characters (a full-width
# percent sign), so escaping comes after it. All of it is constant while planning, and both
# conditions use the trigram index. Words that fold to nothing would match everybody.
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
    SELECT parley_fold(%(words)s) AS words,
      regexp_replace(parley_fold(%(words)s), '([\\%%_])', '\\\1', 'g') || '%%' AS start,
      length(regexp_replace(parley_fold(%(words)s), '\W', '', 'g')) >= 3 AS spelled
  ) AS asked
  WHERE length(asked.words) >= %(shortest)s
    AND (person.search_name LIKE asked.start
      OR person.search_name LIKE '%% ' || asked.start
      OR asked.spelled AND asked.words <%% person.search_name)
    AND person.is_active
    AND person.id <> %(asker)s
    AND NOT EXISTS (
      SELECT FROM contacts_contact AS wall
      WHERE wall.owner_id = person.id AND wall.other_id = %(asker)s AND wall.state = 'blocked'
    )
)
SELECT {FOUND}
FROM found
LEFT JOIN contacts_contact AS mine ON mine.owner_id = %(asker)s AND mine.other_id = found.id
WHERE found.rank < %(rank)s OR (found.rank = %(rank)s AND found.username > %(username)s)
ORDER BY found.rank DESC, found.username
LIMIT %(limit)s
"""  # noqa: S608  constants only


class Found(Struct, frozen=True):
    """A person, and how the asker stands to them."""

    person: bodies.Person
    state: bodies.ContactState


class People(Struct, frozen=True):
    """A page of people; `next` is the cursor of the page after it."""

    items: list[Found]
    next: str | None


def get_person(asker_id: UUID, person_id: UUID) -> User:
    """A person the asker may know of.

    Raises NotFound, alike, for one who is absent, inactive or has blocked the asker.
    """
    person = profiles.active(person_id)
    if has_blocked(person_id, asker_id):
        raise NotFound
    return person


def has_blocked(owner_id: UUID, other_id: UUID) -> bool:
    """Whether `owner` has blocked `other`."""
    rows = Contact.objects.filter(owner_id=owner_id, other_id=other_id)
    return rows.filter(state=Contact.State.BLOCKED).exists()


def find(asker_id: UUID, words: str, cursor: str | None = None) -> People:
    """People whose username or name begins with `words`, or is spelled nearly so.

    E-mail addresses are neither looked at nor returned. Raises Invalid for fewer than two
    characters and for a foreign cursor.
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
                "shortest": SHORTEST,
                "rank": rank,
                "username": username,
                "limit": PAGE + 1,
            },
        )
        rows = [FoundRow._make(values) for values in database.fetchall()]
    following = None
    if len(rows) > PAGE:
        last = rows[PAGE - 1]
        following = cursors.encode((words, last.rank, last.username))
    return People(items=[_found(row) for row in rows[:PAGE]], next=following)


def _words(text: str) -> str:
    try:
        words = clean_line(text).removeprefix("@")
    except ValueError as error:
        raise Invalid(str(error), pointer="#/q", reason=str(error)) from error
    if not SHORTEST <= len(words) <= LONGEST:
        reason = f"Type {SHORTEST} to {LONGEST} characters of a name."
        raise Invalid(reason, pointer="#/q", reason=reason)
    return words


def _position(words: str, cursor: str | None) -> tuple[int, str]:
    """Where the page begins. A cursor belongs to its words."""
    if cursor is None:
        return 3000, ""
    whose, rank, username = cursors.decode(cursor, tuple[str, int, str])
    if whose != words:
        reason = "This cursor belongs to another list."
        raise Invalid(reason, pointer="#/cursor", reason=reason)
    return rank, username


def _found(row: FoundRow) -> Found:
    return Found(person=person(row.person), state=row.state)
