"""What became of the entries of a chat, for programs that are told of it one by one.

The change feed (`changes`) has the state of each changed entry, not what was changed. Here, each
entry is new, or its content or its reactions were changed. As there, it is the current state: of
two edits the last one is seen, and of an entry that was written and deleted, that it is deleted.
"""

from enum import StrEnum
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID

from apps.chats.models import Chat
from apps.chats.queries import message_rows
from apps.core.reads import rows_of
from apps.wire import bodies

# Entries and changes of one part. Each entry may have 100,000 characters.
MAX_NEW = 20
MAX_CHANGED = 20
# Changes whose numbers are read for one part. Those of new entries are left out of it.
MAX_SCANNED = 2_000
CHANGES = """
(SELECT content_rev AS rev, seq, 'content' FROM chats_message
    WHERE chat_id = %(chat)s AND content_rev > %(after)s AND content_rev <= %(last)s
    ORDER BY content_rev LIMIT %(limit)s)
UNION ALL
(SELECT reactions_rev, seq, 'reactions' FROM chats_message
    WHERE chat_id = %(chat)s AND reactions_rev > %(after)s AND reactions_rev <= %(last)s
    ORDER BY reactions_rev LIMIT %(limit)s)
ORDER BY rev LIMIT %(limit)s
"""


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


class _Change(NamedTuple):
    """A change of an entry, under a rev of its own."""

    rev: int
    seq: int
    what: What


def head(chat_id: UUID) -> Position:
    """The position of a program that knows everything."""
    last_seq, rev = Chat.objects.values_list("last_seq", "rev").get(id=chat_id)
    return Position(last_seq, rev)


def part_after(chat_id: UUID, position: Position) -> Part:
    """The next part after a position, in at most four indexed reads of bounded size.

    New entries are found by their seq, changes of older ones by the rev of each change: that of the
    entry moves on with a pin or a reaction after an edit, past the end of a part. A new entry may
    so be seen in a state that a later part has once more as its change, never the other way round.
    The caller checks membership. Raises Chat.DoesNotExist.
    """
    newest = head(chat_id)
    if newest == position:
        return Part([], position)
    # Up to the head that was read first: later changes belong to the next part.
    bounds = {"chat": chat_id, "after": position.rev, "last": newest.rev, "limit": MAX_SCANNED}
    scanned = [_Change(rev, seq, What(what)) for rev, seq, what in rows_of(CHANGES, bounds)]
    found = [each for each in scanned if each.seq <= position.seq]
    is_cut = len(found) > MAX_CHANGED
    if is_cut or len(scanned) == MAX_SCANNED:
        found = found[:MAX_CHANGED]
        last = found[-1] if is_cut else scanned[-1]
        return Part(_in_order(_changed(chat_id, found)), Position(position.seq, last.rev))
    new = message_rows.select(
        "WHERE m.chat_id = %(chat)s AND m.seq > %(seq)s ORDER BY m.seq LIMIT %(limit)s",
        {"chat": chat_id, "seq": position.seq, "limit": MAX_NEW},
    )
    changes = _changed(chat_id, found) + [(each.rev, What.NEW, each) for each in new]
    seq = new[-1].seq if len(new) == MAX_NEW else max(newest.seq, *(each.seq for each in new), 0)
    return Part(_in_order(changes), Position(seq, newest.rev))


def _changed(chat_id: UUID, changes: list[_Change]) -> list[tuple[int, What, bodies.Message]]:
    if not changes:
        return []
    entries = message_rows.select(
        "WHERE m.chat_id = %(chat)s AND m.seq = ANY(%(seqs)s)",
        {"chat": chat_id, "seqs": list({each.seq for each in changes})},
    )
    by_seq = {entry.seq: entry for entry in entries}
    # Retention may have deleted one since.
    there = [each for each in changes if each.seq in by_seq]
    return [(each.rev, each.what, by_seq[each.seq]) for each in there]


def _in_order(
    changes: list[tuple[int, What, bodies.Message]],
) -> list[tuple[What, bodies.Message]]:
    return [(what, entry) for _, what, entry in sorted(changes, key=itemgetter(0))]
