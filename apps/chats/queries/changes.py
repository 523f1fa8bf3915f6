"""Change feeds: what changed since a revision, read from the current state.

Every row stores the revision of its last change, so a feed is one indexed read per table. A row
that changed several times appears once, at its newest revision, and `follows` skips the revisions
that were replaced.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone
from msgspec import Struct

from apps.chats.models import Chat, Member
from apps.chats.queries import members, message_rows
from apps.core.reads import KeyedRead, Read, Rows, bigints, read, result_of
from apps.wire import bodies, events
from apps.wire.publish import LeaveChat, Publication

MAX_CHANGES = 500
# Limit of one chat's changes. Bytes are approximately JSON.
MAX_BYTES = 1_000_000

# One range of the index message_changes per chat. MAX_CHANGES + 1 rows show that there are more.
MESSAGES = f"""
SELECT k.place, e.*
FROM unnest(%s::uuid[], %s::bigint[]) WITH ORDINALITY AS k (chat_id, since, place)
CROSS JOIN LATERAL (
    {message_rows.SELECT} WHERE m.chat_id = k.chat_id AND m.rev > k.since
    ORDER BY m.rev LIMIT {MAX_CHANGES + 1}
) e
"""  # noqa: S608  constants only

# The number and approximate bytes of changes. `octet_length` does not read a long text.
SIZES = f"""
SELECT k.place, count(*), sum(e.size)::bigint
FROM unnest(%s::uuid[], %s::bigint[]) WITH ORDINALITY AS k (id, since, place)
CROSS JOIN LATERAL (
    (SELECT 400 + octet_length(m.text) + coalesce(octet_length(m.previews::text), 0)
        + coalesce(octet_length(m.files::text), 0) + coalesce(octet_length(m.layout::text), 0)
        + CASE WHEN m.reacted THEN (SELECT 40 * count(*) FROM chats_reaction r
            WHERE r.chat_id = m.chat_id AND r.seq = m.seq) ELSE 0 END AS size
    FROM chats_message m WHERE m.chat_id = k.id AND m.rev > k.since
    ORDER BY m.rev LIMIT {MAX_CHANGES + 1})
    UNION ALL
    (SELECT 400 FROM chats_member x WHERE x.chat_id = k.id AND x.rev > k.since
    ORDER BY x.rev LIMIT {MAX_CHANGES + 1})
) e GROUP BY k.place
"""  # noqa: S608  constants only

HEADS = """
SELECT k.place, c.head_rev, c.title, c.picture, c.closed_reason, c.kept_from, c.kept_days
FROM unnest(%s::uuid[], %s::bigint[]) WITH ORDINALITY AS k (id, since, place)
JOIN chats_chat c ON c.id = k.id WHERE c.head_rev > k.since
"""

MOVED = """
SELECT c.id, c.rev FROM unnest(%s::uuid[], %s::bigint[]) AS k (id, rev)
JOIN chats_chat c ON c.id = k.id WHERE c.rev <> k.rev
"""


class Cursor(NamedTuple):
    """A revision of a chat, after which changes are read."""

    chat: UUID
    since: int


class Head(NamedTuple):
    """What all members see of a chat itself."""

    title: str
    picture: UUID | None
    closed_reason: str
    kept_from: int
    kept_days: int


def head_of(chat: Chat) -> Head:
    """The head of a chat that was read or changed as a whole."""
    return Head(chat.title, chat.picture, chat.closed_reason, chat.kept_from, chat.kept_days)


Change = tuple[int, bodies.Message | bodies.Member | Head]


class ChatChanges(Struct, frozen=True):
    """The changes of one chat in rev order, complete up to `rev`. Not `complete`: there were too
    many, use a gap."""

    publications: list[Publication]
    rev: int
    complete: bool


def since(cursors: Mapping[UUID, int], *, budget: int = MAX_BYTES) -> dict[UUID, ChatChanges]:
    """The changes of each chat since its revision, without unchanged chats.

    A chat is not `complete` if it has too many changes, or if the chats before it used up the
    `budget` (bytes). The caller checks membership: see `queries.access` and
    `chat_list.heads_reading`.
    """
    if not cursors:
        return {}
    missed: dict[UUID, ChatChanges] = {}
    fitting: list[Cursor] = []
    for cursor, size in result_of(sizes_reading(Cursor(*each) for each in cursors.items())).items():
        if size is None or size > budget:
            missed[cursor.chat] = ChatChanges([], cursor.since, False)
        else:
            fitting.append(cursor)
            budget -= size
    found = ChangesReading(fitting)
    read(*found.reads)
    changed = {cursor.chat: found.of(cursor) for cursor in fitting}
    return missed | {c: its for c, its in changed.items() if its.publications or not its.complete}


def sizes_reading(cursors: Iterable[Cursor]) -> Read[dict[Cursor, int | None]]:
    """The read of the approximate bytes of the changes after each cursor, in their order: 0 if the
    chat itself alone may have changed, None if they exceed the limits."""
    asked = list(cursors)

    def build(rows: Rows) -> dict[Cursor, int | None]:
        sizes: dict[Cursor, int | None] = dict.fromkeys(asked, 0)
        for place, count, size in rows:
            exceeds = count > MAX_CHANGES or size > MAX_BYTES
            sizes[asked[place - 1]] = None if exceeds else size
        return sizes

    return Read(SIZES, _columns(asked), build)


class ChangesReading:
    """The reads of what changed after each of these cursors, all within the limits of `sizes`."""

    def __init__(self, cursors: Collection[Cursor]) -> None:
        asked = list(cursors)
        chats, revs = _columns(asked)
        self._places = {cursor: place for place, cursor in enumerate(asked, start=1)}
        self._messages: KeyedRead[int, bodies.Message] = KeyedRead(
            MESSAGES, [chats, revs], message_rows.message
        )
        self._heads: KeyedRead[int, Change] = KeyedRead(
            HEADS, [chats, revs], lambda row: (row[0], Head._make(row[1:]))
        )
        self._members = members.changes_reading(chats, revs, limit=MAX_CHANGES + 1)

    @property
    def reads(self) -> list[Read[Any]]:
        """Entries come before members: a member's change must not skip an entry that was committed
        between two reads without a common snapshot."""
        return [self._messages, self._heads, self._members] if self._places else []

    def of(self, cursor: Cursor) -> ChatChanges:
        """The changes after one of the cursors. Raises what a row raises that cannot be built."""
        place = self._places[cursor]
        changes: list[Change] = [(entry.rev, entry) for entry in self._messages.of(place)]
        changes += self._members.of(place)
        if len(changes) > MAX_CHANGES:
            return ChatChanges([], cursor.since, False)
        changes += self._heads.of(place)
        return _linked(cursor, sorted(changes, key=lambda change: change[0]))


def skip_to_head(chat_id: UUID, since: int) -> list[Publication]:
    """Publications to use instead of too many changes: they stop the listening of members who left
    since, and tell everyone else the chat's head, so that clients fetch what they miss."""
    head = Chat.objects.values_list("rev", flat=True).get(id=chat_id)
    left = Member.objects.filter(chat_id=chat_id, left_rev__gt=since, left_rev__lte=head)
    found = []
    for member in left.order_by("left_rev"):
        effect = LeaveChat(chat=chat_id, person=member.user_id)
        found.append(Publication("chat", chat_id, None, member.left_rev, since, effect))
        since = member.left_rev or since
    event = events.Heartbeat(time=timezone.now(), heads={chat_id: head}, user_rev=0)
    # The head may be the revision at which the last of them left.
    return [*found, Publication("chat", chat_id, event, None if since == head else head, since)]


def moved_reading(cursors: Mapping[UUID, int]) -> Read[dict[UUID, int]]:
    """The read of the current revisions of those chats that are not at the given one."""
    parameters = [list(cursors), bigints(cursors.values())]
    return Read(MOVED, parameters, lambda rows: {chat: rev for chat, rev in rows})


def publication(
    chat_id: UUID, change: bodies.Message | bodies.Member | Head, *, rev: int, follows: int
) -> Publication:
    """The publication of one change of a chat: a message, a member, or its head."""
    prev = None if follows == rev - 1 else follows
    effect = None
    event: events.Event
    if isinstance(change, bodies.Message):
        event = events.MessageChanged(chat=chat_id, rev=rev, message=change, prev=prev)
    elif isinstance(change, bodies.Member):
        event = events.MemberChanged(chat=chat_id, rev=rev, member=change, prev=prev)
        if change.left:
            effect = LeaveChat(chat=chat_id, person=change.person.id)
    else:
        event = events.TitleChanged(chat=chat_id, rev=rev, prev=prev, **change._asdict())
    return Publication("chat", chat_id, event, rev, follows, effect)


def _columns(cursors: list[Cursor]) -> tuple[list[UUID], str]:
    return [cursor.chat for cursor in cursors], bigints(cursor.since for cursor in cursors)


def _linked(cursor: Cursor, changes: list[Change]) -> ChatChanges:
    chat_id, since = cursor
    publications = []
    for rev, change in changes:
        publications.append(publication(chat_id, change, rev=rev, follows=since))
        since = rev
    return ChatChanges(publications, since, True)
