"""The change feed: what changed since a revision, read from current state.

Every changed row stores the revision of its last change, so a feed is one indexed read a table;
what was changed again later appears once, at its newest revision, and `follows` bridges the
revisions that were replaced.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone
from msgspec import Struct

from apps.chats.models import Chat, Member
from apps.chats.queries import history, keeping, lists, members, rows, scheduled
from apps.chats.queries.access import get_membership
from apps.wire import bodies, events
from apps.wire.publish import JoinChat, LeaveChat, Publication

MOST = 500
# What one chat's changes, and the entries after a gap, may weigh: about as much as their JSON.
MAX_BYTES = 1_000_000
AFTER_A_GAP = 50
AFTER_A_GAP_BYTES = 250_000
# Of a person's own stream at a time, by what an item may weigh.
MAX_OWN_CHATS = 200
MAX_OWN_TEXTS = 10

# One range of message_changes a chat; MOST + 1 shows that there is more.
MESSAGES = f"""
SELECT k.chat_id, e.* FROM unnest(%(chats)s::uuid[], %(revs)s::bigint[]) AS k (chat_id, since)
CROSS JOIN LATERAL (
    {rows.SELECT} WHERE m.chat_id = k.chat_id AND m.rev > k.since ORDER BY m.rev LIMIT {MOST + 1}
) e
"""  # noqa: S608  constants only

# How many changes, and how many bytes. `octet_length` does not read a long text.
SIZES = f"""
SELECT k.id, count(*), sum(e.size)::bigint
FROM unnest(%(chats)s::uuid[], %(revs)s::bigint[]) AS k (id, since)
CROSS JOIN LATERAL (
    (SELECT 400 + octet_length(m.text) + coalesce(octet_length(m.previews::text), 0)
        + CASE WHEN m.reacted THEN (SELECT 40 * count(*) FROM chats_reaction r
            WHERE r.chat_id = m.chat_id AND r.seq = m.seq) ELSE 0 END AS size
    FROM chats_message m WHERE m.chat_id = k.id AND m.rev > k.since
    ORDER BY m.rev LIMIT {MOST + 1})
    UNION ALL
    (SELECT 400 FROM chats_member x WHERE x.chat_id = k.id AND x.rev > k.since
    ORDER BY x.rev LIMIT {MOST + 1})
) e GROUP BY k.id
"""  # noqa: S608  constants only

TITLES = """
SELECT c.id, c.head_rev, c.title FROM unnest(%(chats)s::uuid[], %(revs)s::bigint[])
    AS k (id, since) JOIN chats_chat c ON c.id = k.id WHERE c.head_rev > k.since
"""

MOVED = """
SELECT c.id, c.rev FROM unnest(%s::uuid[], %s::bigint[]) AS k (id, rev)
JOIN chats_chat c ON c.id = k.id WHERE c.rev <> k.rev
"""


Change = tuple[int, bodies.Message | bodies.Member | str]


class Missed(Struct, frozen=True):
    """What changed in one chat, in rev order, and up to which revision; or that it was too much
    to tell (`complete` False): see `gap`."""

    publications: list[Publication]
    rev: int
    complete: bool


def since(cursors: Mapping[UUID, int], *, budget: int = MAX_BYTES) -> dict[UUID, Missed]:
    """What changed in each chat since its revision; unchanged chats are left out. A chat with too
    much, alone or after the chats before it took the `budget` (bytes), is not `complete`.

    The caller has shown that its person is a member: see `queries.access` and `lists.heads_of`.
    """
    missed: dict[UUID, Missed] = {}
    fitting = dict(cursors)
    for chat, size in sizes(cursors).items():
        if size is None or size > budget:
            missed[chat] = Missed([], fitting.pop(chat), False)
        else:
            budget -= size
    return missed | read(fitting)


def sizes(cursors: Mapping[UUID, int]) -> dict[UUID, int | None]:
    """About how many bytes each chat's changes weigh, in the order of `cursors`; None where they
    are too many, or too much, to be read."""
    if not cursors:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(SIZES, {"chats": list(cursors), "revs": list(cursors.values())})
        found = {chat: (count, size) for chat, count, size in cursor.fetchall()}
    weighed = ((chat, *found.get(chat, (0, 0))) for chat in cursors)
    return {
        chat: None if count > MOST or size > MAX_BYTES else size for chat, count, size in weighed
    }


def read(cursors: Mapping[UUID, int]) -> dict[UUID, Missed]:
    """As `since`, for chats whose `sizes` are bounded."""
    if not cursors:
        return {}
    found: dict[UUID, list[Change]] = {}
    ids, revs = list(cursors), list(cursors.values())
    values: dict[str, Any] = {"chats": ids, "revs": revs}
    with connection.cursor() as cursor:
        cursor.execute(MESSAGES, values)
        for chat_id, *row in cursor.fetchall():
            entry = rows.message(tuple(row))
            found.setdefault(chat_id, []).append((entry.rev, entry))
        cursor.execute(TITLES, values)
        for chat_id, rev, title in cursor.fetchall():
            found.setdefault(chat_id, []).append((rev, title))
    for chat_id, rev, member in members.changed_since(ids, revs, most=MOST + 1):
        found.setdefault(chat_id, []).append((rev, member))
    return {
        chat_id: _missed(chat_id, cursors[chat_id], sorted(changes, key=lambda c: c[0]))
        for chat_id, changes in found.items()
    }


def gap(user_id: UUID, chat_id: UUID) -> events.Gap:
    """What a member gets of a chat when too much was missed. Raises NotFound."""
    # First the revision, then the entries: these may be newer than it, never older.
    mine = get_membership(user_id, chat_id)
    return events.Gap(
        chat=chat_id,
        rev=mine.chat.rev,
        title=mine.chat.title,
        last_seq=mine.chat.last_seq,
        read_seq=mine.read_seq,
        messages=history.newest(chat_id, limit=AFTER_A_GAP, most_bytes=AFTER_A_GAP_BYTES),
    )


def leap(chat_id: UUID, since: int) -> list[Publication]:
    """In place of more changes than anybody is told one by one: who left meanwhile no longer
    listens, everybody else is told of the chat's head, so that they ask for what they miss."""
    head = Chat.objects.values_list("rev", flat=True).get(id=chat_id)
    left = Member.objects.filter(chat_id=chat_id, left_rev__gt=since, left_rev__lte=head)
    found = []
    for member in left.order_by("left_rev"):
        effect = LeaveChat(chat=chat_id, person=member.user_id)
        found.append(Publication("chat", chat_id, None, member.left_rev, since, effect))
        since = member.left_rev or since
    event = events.Heartbeat(time=timezone.now(), heads={chat_id: head}, user_rev=0)
    # The last of them may have left with the newest revision.
    return [*found, Publication("chat", chat_id, event, None if since == head else head, since)]


def moved(cursors: Mapping[UUID, int]) -> dict[UUID, int]:
    """The revisions of those chats whose revision is not the given one."""
    with connection.cursor() as cursor:
        cursor.execute(MOVED, [list(cursors), list(cursors.values())])
        return dict(cursor.fetchall())


def of_person(user_id: UUID, since: int) -> tuple[list[Publication], int | None]:
    """What changed in the chats' part of a person's own stream: chats, saved messages, drafts,
    scheduled messages. With it the revision up to which this is all; None: there is no more."""
    chats = lists.changed_since(user_id, since, most=MAX_OWN_CHATS)
    bounded = (
        (MAX_OWN_CHATS, [joined(user_id, rev, chat) for rev, chat in chats]),
        (MAX_OWN_TEXTS, keeping.drafts_changed(user_id, since, most=MAX_OWN_TEXTS)),
        (MAX_OWN_TEXTS, scheduled.changes(user_id, since, most=MAX_OWN_TEXTS)),
    )
    found = [left(user_id, rev, chat) for rev, chat in lists.left_since(user_id, since)]
    found += keeping.saved_since(user_id, since)
    found += [item for _, items in bounded for item in items]
    # A list that is full may go on after its last item.
    ends = [items[-1].rev or 0 for most, items in bounded if len(items) == most]
    return found, min(ends, default=None)


def joined(user_id: UUID, rev: int, chat: bodies.Chat) -> Publication:
    """A chat is the person's, or is marked otherwise, as of `rev` of their stream."""
    effect = JoinChat(chat=chat.id, rev=chat.rev)
    event = events.ChatChanged(user_rev=rev, chat=chat)
    return Publication("person", user_id, event, rev, rev - 1, effect)


def left(user_id: UUID, rev: int, chat_id: UUID) -> Publication:
    """A chat is no longer the person's, as of `rev` of their stream."""
    event = events.ChatLeft(user_rev=rev, chat=chat_id)
    effect = LeaveChat(chat=chat_id, person=user_id)
    return Publication("person", user_id, event, rev, rev - 1, effect)


def publication(
    chat_id: UUID, change: bodies.Message | bodies.Member | str, *, rev: int, follows: int
) -> Publication:
    """One change of a chat as its stream carries it: a message, a member, or the title."""
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
        event = events.TitleChanged(chat=chat_id, rev=rev, title=change, prev=prev)
    return Publication("chat", chat_id, event, rev, follows, effect)


def _missed(chat_id: UUID, since: int, changes: list[Change]) -> Missed:
    if len(changes) > MOST:
        return Missed([], since, False)
    publications = []
    for rev, change in changes:
        publications.append(publication(chat_id, change, rev=rev, follows=since))
        since = rev
    return Missed(publications, since, True)
