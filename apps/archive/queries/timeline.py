"""Chats, their members and entries as records, read in parts from one snapshot."""

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple, cast
from uuid import UUID

from apps.archive import records
from apps.chats.models import Chat, HiddenContent, Member, Message, MessageEdit, Reaction

PAGE = 500
# Fields with their default are left out, and found by identity: equal texts have to be one.
same = sys.intern


class View(NamedTuple):
    """Who an archive is for: a person, or (None) an operator, who gets all of it."""

    person: UUID | None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return self.person is None


OPERATOR = View(None)


def chat_record(chat: Chat, view: View) -> records.Chat:
    """A chat with its members. A person gets of others only whether they are in it, since when and
    in which role."""
    rows = Member.objects.filter(chat_id=chat.id).order_by("user_id")
    return records.Chat(
        id=chat.id,
        kind=cast(Literal["direct", "group"], chat.kind),
        created_at=chat.created_at,
        members=tuple(_membership(row, view) for row in rows),
        title=chat.title,
        picture=chat.picture,
        closed_reason=chat.closed_reason,
        kept_from=chat.kept_from,
        kept_days=chat.kept_days,
        keep_days=chat.keep_days,
    )


def _membership(row: Member, view: View) -> records.Membership:
    is_known = view.is_whole
    return records.Membership(
        person=row.user_id,
        role=cast(Literal["owner", "admin", "member"], same(row.role)),
        joined_at=row.joined_at,
        read=row.read_seq if is_known else 0,
        delivered=row.delivered_seq if is_known else 0,
        left=row.left_rev is not None,
        removed=row.removed and is_known,
    )


def entries(chat: Chat, view: View) -> Iterator[records.Entry]:
    """The entries of a chat, in order."""
    seq = 0
    rows = Message.objects.filter(chat_id=chat.id).order_by("seq")
    while page := list(rows.filter(seq__gt=seq)[:PAGE]):
        yield from _page(page, view)
        seq = page[-1].seq


class _Parts(NamedTuple):
    """What belongs to the entries of a page, by seq."""

    edits: Mapping[int, list[records.Edit]]
    reactions: Mapping[int, list[records.Reaction]]
    hidden: Mapping[int, HiddenContent]


def _page(page: Sequence[Message], view: View) -> Iterator[records.Entry]:
    where = {"chat_id": page[0].chat_id, "seq__gte": page[0].seq, "seq__lte": page[-1].seq}
    edits: dict[int, list[records.Edit]] = defaultdict(list)
    hidden: dict[int, HiddenContent] = {}
    if view.is_whole:
        for edit in MessageEdit.objects.filter(**where).order_by("seq", "version"):
            edits[edit.seq].append(records.Edit(text=edit.text, until=edit.until))
        hidden = {row.seq: row for row in HiddenContent.objects.filter(**where)}
    reactions: dict[int, list[records.Reaction]] = defaultdict(list)
    for row in Reaction.objects.filter(**where).order_by("seq", "at", "user_id", "emoji"):
        reactions[row.seq].append(records.Reaction(emoji=row.emoji, person=row.user_id, at=row.at))
    parts = _Parts(edits, reactions, hidden)
    for message in page:
        yield _entry(message, parts, view)


def _entry(message: Message, parts: _Parts, view: View) -> records.Entry:
    is_hidden = message.hidden_at is not None
    shown: Any = parts.hidden.get(message.seq, message) if view.is_whole else message
    edits = parts.edits.get(message.seq, [])
    if isinstance(shown, HiddenContent):
        edits = [_former(each) for each in shown.former]
    is_left_out = is_hidden and not view.is_whole
    return records.Entry(
        seq=message.seq,
        id=message.id,
        by=message.sender_id,
        at=message.created_at,
        kind=same(message.kind),
        text=shown.text,
        client_id=message.client_id if view.is_whole else None,
        about=message.about,
        reply_to=message.reply_to,
        thread=message.thread,
        mentions=tuple(UUID(str(person)) for person in shown.mentions or ()),
        mentions_all=shown.mentions_all,
        files=tuple(UUID(file["id"]) for file in shown.files or ()),
        reactions=() if is_left_out else tuple(parts.reactions.get(message.seq, ())),
        edits=tuple(edits),
        previews=tuple(_preview(each) for each in shown.previews or ()),
        layout=shown.layout,
        edited_at=message.edited_at,
        # One that moderators hid counts as deleted, while they can still restore it.
        deleted_at=None if is_hidden and view.is_whole else message.deleted_at,
        by_moderator=message.deleted_by_moderator,
        hidden_at=message.hidden_at,
        pinned_at=message.pinned_at,
    )


def _preview(stored: Mapping[str, str]) -> records.Preview:
    return records.Preview(
        url=stored["url"],
        title=stored["title"],
        description=stored["description"],
        site=stored["site"],
    )


def _former(stored: Mapping[str, str]) -> records.Edit:
    return records.Edit(text=stored["text"], until=datetime.fromisoformat(stored["until"]))
