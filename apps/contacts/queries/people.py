"""Other people, as far as the asker may know of them."""

from uuid import UUID

from django.db import connection, transaction
from msgspec import Struct

from apps.accounts.models import User
from apps.accounts.queries import profiles
from apps.accounts.queries.rows import COLUMNS, PERSON, Row, person
from apps.contacts.models import Contact
from apps.core import cursors
from apps.core.errors import Invalid, NotFound
from apps.core.texts import one_line
from apps.wire import bodies

PAGE_SIZE = 20
MIN_QUERY_LENGTH = 2
MAX_QUERY_LENGTH = 80

# Ranks: whoever's username or one of whose names begins with the words comes first, in the order
# of usernames; then whoever is spelled alike, the likest first. A third of a word's trigrams in
# common is what a typo in a short name leaves ("alcie" and "alice" share 2 of 6). Fewer than three
# letters are like too many names.
THRESHOLD = "SET LOCAL pg_trgm.word_similarity_threshold = 0.33"
# The words are folded here, not before: folding makes wildcards of other characters (a full-width
# percent sign), so escaping comes after it. All of it is constant while planning, and both
# conditions use the trigram index. Words that fold to nothing would match everybody.
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
SELECT found.id, found.username, found.name, found.about, found.status, found.rank,
  coalesce(mine.state, 'none') AS state
FROM found
LEFT JOIN contacts_contact AS mine ON mine.owner_id = %(asker)s AND mine.other_id = found.id
WHERE found.rank < %(rank)s OR (found.rank = %(rank)s AND found.username > %(username)s)
ORDER BY found.rank DESC, found.username
LIMIT %(limit)s
"""  # noqa: S608  constants only


class FoundPerson(Struct, frozen=True):
    """A person, and how the asker stands to them."""

    person: bodies.Person
    state: bodies.ContactState


class PeoplePage(Struct, frozen=True):
    """A page of people; `next` is the cursor of the page after it."""

    items: list[FoundPerson]
    next: str | None


def get_person(asker_id: UUID, person_id: UUID) -> User:
    """A person the asker may know of.

    Raises NotFound, alike, for one who is absent, inactive or has blocked the asker.
    """
    person = profiles.get_active_user(person_id)
    if has_blocked(person_id, asker_id):
        raise NotFound
    return person


def has_blocked(owner_id: UUID, other_id: UUID) -> bool:
    """Whether `owner` has blocked `other`."""
    rows = Contact.objects.filter(owner_id=owner_id, other_id=other_id)
    return rows.filter(state=Contact.State.BLOCKED).exists()


def find(asker_id: UUID, words: str, cursor: str | None = None) -> PeoplePage:
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
                "shortest": MIN_QUERY_LENGTH,
                "rank": rank,
                "username": username,
                "limit": PAGE_SIZE + 1,
            },
        )
        rows = database.fetchall()
    following = None
    if len(rows) > PAGE_SIZE:
        _, last_username, _, _, _, last_rank, _ = rows[PAGE_SIZE - 1]
        following = cursors.write((words, last_rank, last_username))
    return PeoplePage(items=[_found(row) for row in rows[:PAGE_SIZE]], next=following)


def _words(text: str) -> str:
    try:
        words = one_line(text).removeprefix("@")
    except ValueError as error:
        raise Invalid(str(error), pointer="#/q", reason=str(error)) from error
    if not MIN_QUERY_LENGTH <= len(words) <= MAX_QUERY_LENGTH:
        reason = f"Type {MIN_QUERY_LENGTH} to {MAX_QUERY_LENGTH} characters of a name."
        raise Invalid(reason, pointer="#/q", reason=reason)
    return words


def _position(words: str, cursor: str | None) -> tuple[int, str]:
    """Where the page begins. A cursor belongs to its words."""
    if cursor is None:
        return 3000, ""
    whose, rank, username = cursors.read(cursor, tuple[str, int, str])
    if whose != words:
        reason = "This cursor belongs to another list."
        raise Invalid(reason, pointer="#/cursor", reason=reason)
    return rank, username


def _found(row: Row) -> FoundPerson:
    return FoundPerson(person=person(row[:COLUMNS]), state=row[-1])
