"""Change feeds: what changed since a revision, read from the current state.

Every row stores the revision of its last change, so a feed is one indexed read per table. A row
that changed several times appears once, at its newest revision, and `follows` skips the revisions
that were replaced.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.utils import timezone
from msgspec import Struct

from apps.chats.models import Chat, Member
from apps.chats.queries import (
    chat_list,
    drafts,
    history,
    members,
    message_rows,
    saved,
    scheduled,
    unread,
)
from apps.chats.queries.access import get_membership
from apps.wire import bodies, events
from apps.wire.publish import JoinChat, LeaveChat, Publication

MAX_CHANGES = 500
# Limits of one chat's changes, and of the entries sent with a gap. Bytes are approximately JSON.
MAX_BYTES = 1_000_000
GAP_MESSAGES = 50
GAP_BYTES = 250_000
# Limits of one read of a person's own stream, by the possible size of an item.
MAX_OWN_CHATS = 200
MAX_OWN_TEXTS = 10

# One range of the index message_changes per chat. MAX_CHANGES + 1 rows show that there are more.
MESSAGES = f"""
SELECT k.chat_id, e.* FROM unnest(%(chats)s::uuid[], %(revs)s::bigint[]) AS k (chat_id, since)
CROSS JOIN LATERAL (
    {message_rows.SELECT} WHERE m.chat_id = k.chat_id AND m.rev > k.since
    ORDER BY m.rev LIMIT {MAX_CHANGES + 1}
) e
"""  # noqa: S608  constants only

# The number and approximate bytes of changes. `octet_length` does not read a long text.
SIZES = f"""
SELECT k.id, count(*), sum(e.size)::bigint
FROM unnest(%(chats)s::uuid[], %(revs)s::bigint[]) AS k (id, since)
CROSS JOIN LATERAL (
    (SELECT 400 + octet_length(m.text) + coalesce(octet_length(m.previews::text), 0)
        + coalesce(octet_length(m.files::text), 0)
        + CASE WHEN m.reacted THEN (SELECT 40 * count(*) FROM chats_reaction r
            WHERE r.chat_id = m.chat_id AND r.seq = m.seq) ELSE 0 END AS size
    FROM chats_message m WHERE m.chat_id = k.id AND m.rev > k.since
    ORDER BY m.rev LIMIT {MAX_CHANGES + 1})
    UNION ALL
    (SELECT 400 FROM chats_member x WHERE x.chat_id = k.id AND x.rev > k.since
    ORDER BY x.rev LIMIT {MAX_CHANGES + 1})
) e GROUP BY k.id
"""  # noqa: S608  constants only

HEADS = """
SELECT c.id, c.head_rev, c.title, c.picture, c.closed_reason
FROM unnest(%(chats)s::uuid[], %(revs)s::bigint[]) AS k (id, since)
JOIN chats_chat c ON c.id = k.id WHERE c.head_rev > k.since
"""

MOVED = """
SELECT c.id, c.rev FROM unnest(%s::uuid[], %s::bigint[]) AS k (id, rev)
JOIN chats_chat c ON c.id = k.id WHERE c.rev <> k.rev
"""


class Head(NamedTuple):
    """What all members see of a chat itself."""

    title: str
    picture: UUID | None
    closed_reason: str


Change = tuple[int, bodies.Message | bodies.Member | Head]


class ChatChanges(Struct, frozen=True):
    """The changes of one chat in rev order, complete up to `rev`. Not `complete`: there were too
    many, use `gap`."""

    publications: list[Publication]
    rev: int
    complete: bool


def since(cursors: Mapping[UUID, int], *, budget: int = MAX_BYTES) -> dict[UUID, ChatChanges]:
    """The changes of each chat since its revision, without unchanged chats.

    A chat is not `complete` if it has too many changes, or if the chats before it used up the
    `budget` (bytes). The caller checks membership: see `queries.access` and `chat_list.heads`.
    """
    missed: dict[UUID, ChatChanges] = {}
    fitting = dict(cursors)
    for chat, size in sizes(cursors).items():
        if size is None or size > budget:
            missed[chat] = ChatChanges([], fitting.pop(chat), False)
        else:
            budget -= size
    return missed | read(fitting)


def sizes(cursors: Mapping[UUID, int]) -> dict[UUID, int | None]:
    """The approximate bytes of each chat's changes, in the order of `cursors`; None if they exceed
    the limits."""
    if not cursors:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(SIZES, {"chats": list(cursors), "revs": list(cursors.values())})
        found = {chat: (count, size) for chat, count, size in cursor.fetchall()}
    weighed = ((chat, *found.get(chat, (0, 0))) for chat in cursors)
    return {
        chat: None if count > MAX_CHANGES or size > MAX_BYTES else size
        for chat, count, size in weighed
    }


def read(cursors: Mapping[UUID, int]) -> dict[UUID, ChatChanges]:
    """As `since`, for chats within the limits of `sizes`."""
    if not cursors:
        return {}
    found: dict[UUID, list[Change]] = {}
    ids, revs = list(cursors), list(cursors.values())
    values: dict[str, Any] = {"chats": ids, "revs": revs}
    with connection.cursor() as cursor:
        cursor.execute(MESSAGES, values)
        for chat_id, *row in cursor.fetchall():
            entry = message_rows.message(row)
            found.setdefault(chat_id, []).append((entry.rev, entry))
        cursor.execute(HEADS, values)
        for chat_id, rev, *head in cursor.fetchall():
            found.setdefault(chat_id, []).append((rev, Head._make(head)))
    for chat_id, rev, member in members.changed_since(ids, revs, limit=MAX_CHANGES + 1):
        found.setdefault(chat_id, []).append((rev, member))
    return {
        chat_id: _missed(chat_id, cursors[chat_id], sorted(changes, key=lambda c: c[0]))
        for chat_id, changes in found.items()
    }


def gap(user_id: UUID, chat_id: UUID) -> events.Gap:
    """What a member gets instead of too many changes. Raises NotFound."""
    # Read the revision before the entries: they may then be newer than it, but never older.
    mine = get_membership(user_id, chat_id)
    uncounted, mentioned = unread.entries(user_id, chat_id)
    return events.Gap(
        chat=chat_id,
        rev=mine.chat.rev,
        title=mine.chat.title,
        picture=mine.chat.picture,
        closed_reason=mine.chat.closed_reason,
        last_seq=mine.chat.last_seq,
        read_seq=mine.read_seq,
        uncounted=uncounted,
        mentioned=mentioned,
        messages=history.newest(chat_id, limit=GAP_MESSAGES, max_bytes=GAP_BYTES),
    )


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


def changed_heads(cursors: Mapping[UUID, int]) -> dict[UUID, int]:
    """The current revisions of those chats whose revision differs from the given one."""
    with connection.cursor() as cursor:
        cursor.execute(MOVED, [list(cursors), list(cursors.values())])
        return dict(cursor.fetchall())


def of_person(user_id: UUID, since: int) -> tuple[list[Publication], int | None]:
    """The changes of chats, saved messages, drafts and scheduled messages in a person's own stream.

    Also returns the revision up to which they are complete; None if there are no more.
    """
    chats = chat_list.changed_since(user_id, since, limit=MAX_OWN_CHATS)
    bounded = (
        (MAX_OWN_CHATS, [chat_changed(user_id, rev, chat) for rev, chat in chats]),
        (MAX_OWN_TEXTS, drafts.changed_since(user_id, since, limit=MAX_OWN_TEXTS)),
        (MAX_OWN_TEXTS, scheduled.changed_since(user_id, since, limit=MAX_OWN_TEXTS)),
    )
    found = [chat_left(user_id, rev, chat) for rev, chat in chat_list.left_since(user_id, since)]
    found += saved.changed_since(user_id, since)
    found += [item for _, items in bounded for item in items]
    # A list at its limit may continue after its last item.
    ends = [items[-1].rev or 0 for most, items in bounded if len(items) == most]
    return found, min(ends, default=None)


def chat_changed(user_id: UUID, rev: int, chat: bodies.Chat) -> Publication:
    """The person joined a chat, or their settings of it changed, at `rev` of their stream."""
    effect = JoinChat(chat=chat.id, rev=chat.rev)
    event = events.ChatChanged(user_rev=rev, chat=chat)
    return Publication("person", user_id, event, rev, rev - 1, effect)


def chat_left(user_id: UUID, rev: int, chat_id: UUID) -> Publication:
    """The person is no longer in a chat, at `rev` of their stream."""
    event = events.ChatLeft(user_rev=rev, chat=chat_id)
    effect = LeaveChat(chat=chat_id, person=user_id)
    return Publication("person", user_id, event, rev, rev - 1, effect)


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


def _missed(chat_id: UUID, since: int, changes: list[Change]) -> ChatChanges:
    if len(changes) > MAX_CHANGES:
        return ChatChanges([], since, False)
    publications = []
    for rev, change in changes:
        publications.append(publication(chat_id, change, rev=rev, follows=since))
        since = rev
    return ChatChanges(publications, since, True)
