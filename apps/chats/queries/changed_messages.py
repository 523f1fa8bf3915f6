"""What became of the entries of a chat, for programs that are told of it one by one.

The change feed (`changes`) has the state of each changed entry, not what was changed. Here, each
entry is new, or its content or its reactions were changed. As there, it is the current state: of
two edits the last one is seen, and of an entry that was written and deleted, that it is deleted.
"""

from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from apps.chats.models import Chat, Message
from apps.chats.queries import message_rows
from apps.wire import bodies

# Entries of one part. Each may have 100,000 characters.
MAX_NEW = 20
MAX_CHANGED = 20
# Rows of the index message_changes of one part. Most are of new entries, where there are many.
MAX_SCANNED = 2_000


class What(StrEnum):
    """What became of an entry."""

    NEW = "new"
    CONTENT = "content"
    REACTIONS = "reactions"


class Position(NamedTuple):
    """How far a program has been told: of the entries up to `seq`, and of the changes of these up
    to `rev`."""

    seq: int
    rev: int


class Part(NamedTuple):
    """Some of what became of the entries after a position, in the order of the revisions, and the
    position after it. An equal position: there is nothing more."""

    changes: list[tuple[What, bodies.Message]]
    reached: Position


def head(chat_id: UUID) -> Position:
    """The position of a program that knows everything."""
    last_seq, rev = Chat.objects.values_list("last_seq", "rev").get(id=chat_id)
    return Position(last_seq, rev)


def part_after(chat_id: UUID, position: Position) -> Part:
    """The next part after a position, in at most four indexed reads of bounded size.

    New entries are found by their seq, changes of older ones by their rev. A new entry may so be
    seen in a state that a later part has once more as its change, never the other way round. The
    caller checks membership. Raises Chat.DoesNotExist.
    """
    newest = head(chat_id)
    if newest == position:
        return Part([], position)
    scanned = list(
        Message.objects.filter(chat_id=chat_id, rev__gt=position.rev)
        .order_by("rev")
        .values_list("rev", "seq", "content_rev", "reactions_rev")[:MAX_SCANNED]
    )
    found: dict[int, list[What]] = {}
    is_all = len(scanned) < MAX_SCANNED
    rev = max([each[0] for each in scanned[-1:]] + [newest.rev] * is_all)
    for at, seq, content_rev, reactions_rev in scanned:
        if seq > position.seq:
            continue
        whats = [
            what
            for what, changed in ((What.CONTENT, content_rev), (What.REACTIONS, reactions_rev))
            if (changed or 0) > position.rev
        ]
        if whats:
            found[seq] = whats
        if len(found) == MAX_CHANGED:
            return Part(_changed(chat_id, found), Position(position.seq, at))
    changes = _changed(chat_id, found)
    if not is_all:
        return Part(changes, Position(position.seq, rev))
    new = message_rows.select(
        "WHERE m.chat_id = %(chat)s AND m.seq > %(seq)s ORDER BY m.seq LIMIT %(limit)s",
        {"chat": chat_id, "seq": position.seq, "limit": MAX_NEW},
    )
    changes += [(What.NEW, each) for each in new]
    changes.sort(key=lambda change: change[1].rev)
    seq = new[-1].seq if len(new) == MAX_NEW else max(newest.seq, *(each.seq for each in new), 0)
    return Part(changes, Position(seq, rev))


def _changed(chat_id: UUID, found: dict[int, list[What]]) -> list[tuple[What, bodies.Message]]:
    if not found:
        return []
    entries = message_rows.select(
        "WHERE m.chat_id = %(chat)s AND m.seq = ANY(%(seqs)s) ORDER BY m.rev",
        {"chat": chat_id, "seqs": list(found)},
    )
    return [(what, entry) for entry in entries for what in found[entry.seq]]
