"""Writes chats of an archive with the times, authors and numbers of their entries.

    begin_chat > add_entries … add_entries > open_chat

A chat has no members until all its entries are there, so nobody sees a part of it or writes to it
until then. `last_seq` says how far an import came: each step can be repeated, and one that was
interrupted goes on. Nothing of this notifies anybody. Words and links of the entries are indexed
as those of others: by the chat's revisions.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from apps.accounts.models import Placeholder, User
from apps.chats.actions.chat_change import ChatChange, finish
from apps.chats.actions.chat_locks import lock_chat
from apps.chats.actions.imported_entries import PastEntry, write_entries
from apps.chats.models import Chat, Member, Message
from apps.core.errors import Conflict, FileGone, Full
from apps.core.runtime import runtime
from apps.files.actions import uses

# Files of these, in the order of their ids, held against deletion until the commit.
HOLD = """
SELECT id, body::text FROM files_file WHERE id = ANY(%s) AND state = 'ready'
ORDER BY id FOR KEY SHARE
"""
OTHERS = "This chat exists with other content."
ANOTHER = "These two people have another direct chat."
# As after a change of the days: there is time to take them back.
GRACE = timedelta(days=1)
REPEATED = "An entry repeats the client id or a reaction of another one."


class PastChat(msgspec.Struct, frozen=True):
    """A chat of an archive. `pair`: the two people of a direct chat. Entries before `kept_from`
    were deleted for good, after `kept_days`. Its people have set `keep_days`, which count after
    GRACE."""

    id: UUID
    created_at: datetime
    title: str = ""
    picture: UUID | None = None
    closed_reason: str = ""
    pair: tuple[UUID, UUID] | None = None
    kept_from: int = 1
    kept_days: int = 0
    keep_days: int = 0


class PastMember(msgspec.Struct, frozen=True):
    """A membership. `read` and `delivered` are seqs; `left`: it has ended."""

    person: UUID
    role: Literal["owner", "admin", "member"] = "member"
    joined_at: datetime | None = None
    read: int = 0
    delivered: int = 0
    left: bool = False
    removed: bool = False


def begin_chat(chat: PastChat) -> int:
    """Add a chat without members, unless it is there. Returns the seq of its last entry.

    Raises Conflict when the two people have another direct chat, or the chat with this id is of
    other people.
    """
    have = last_entry(chat)
    if have is not None:
        return have
    low, high = _pair(chat)
    pictures = [chat.picture] if chat.picture else []
    try:
        with transaction.atomic():
            _hold(pictures)
            Chat.objects.create(
                id=chat.id,
                kind=_kind(chat),
                title=chat.title,
                picture=chat.picture,
                closed_reason=chat.closed_reason,
                created_at=chat.created_at,
                active_at=chat.created_at,
                last_seq=chat.kept_from - 1,
                rev=chat.kept_from - 1,
                kept_from=chat.kept_from,
                kept_days=chat.kept_days,
                keep_days=chat.keep_days,
                keep_days_from=timezone.now() + GRACE if chat.keep_days else None,
                low=low,
                high=high,
            )
            uses.add(pictures)
    except IntegrityError as error:
        raise Conflict(ANOTHER) from error
    return chat.kept_from - 1


def last_entry(chat: PastChat) -> int | None:
    """The seq of the chat's last entry; None if the chat is not there. Raises Conflict as
    `begin_chat`."""
    low, high = _pair(chat)
    known = Chat.objects.filter(id=chat.id).first()
    if known is not None:
        if (known.kind, known.low, known.high) != (_kind(chat), low, high):
            raise Conflict(OTHERS)
        return known.last_seq
    if low is not None and Chat.objects.filter(low=low, high=high).exists():
        raise Conflict(ANOTHER)
    return None


def _kind(chat: PastChat) -> Chat.Kind:
    return Chat.Kind.DIRECT if chat.pair else Chat.Kind.GROUP


def _pair(chat: PastChat) -> tuple[UUID | None, UUID | None]:
    if chat.pair is None:
        return None, None
    low, high = sorted(chat.pair)
    return low, high


def check_same(chat_id: UUID, ids: Sequence[tuple[int, UUID]]) -> None:
    """Raises Conflict unless these entries (seq, id) are those that the chat has. Those that it has
    deleted for good are left out: they stay deleted."""
    kept_from = Chat.objects.values_list("kept_from", flat=True).get(id=chat_id)
    kept = {seq: id_ for seq, id_ in ids if seq >= kept_from}
    rows = Message.objects.filter(chat_id=chat_id, seq__in=[*kept])
    if dict(rows.values_list("seq", "id")) != kept:
        raise Conflict(OTHERS)


def add_entries(chat_id: UUID, entries: Sequence[PastEntry]) -> None:
    """Add the next entries of a chat that has no members yet, in one transaction.

    Raises Conflict when the chat has members or other entries in their place, and when a client id
    is not unique, and FileGone when a file is not there (any more).
    """
    try:
        with transaction.atomic():
            files = _hold({file for entry in entries for file in entry.files})
            lock_chat(chat_id)
            chat = Chat.objects.get(id=chat_id)
            is_open = Member.objects.filter(chat_id=chat_id).exists()
            if is_open or chat.last_seq + 1 != entries[0].seq:
                raise Conflict(OTHERS)
            write_entries(chat, entries, files)
    except IntegrityError as error:
        raise Conflict(REPEATED) from error


def open_chat(chat_id: UUID, members: Sequence[PastMember]) -> bool:
    """Add the members of a chat that has all its entries, and tell their devices of it. Returns
    False if it has members already. In groups, memberships of erased accounts have ended.

    Raises Full for too many, Conflict for members without an account.
    """
    if sum(not member.left for member in members) > runtime.GROUP_SIZE:
        raise Full(f"A group has at most {runtime.GROUP_SIZE} members.")
    with transaction.atomic():
        now = lock_chat(chat_id)
        if Member.objects.filter(chat_id=chat_id).exists():
            return False
        people = {member.person for member in members}
        if User.objects.filter(id__in=people).count() != len(people):
            raise Conflict("A member has no account.")
        chat = Chat.objects.get(id=chat_id)
        if chat.kind == Chat.Kind.GROUP:
            members = _without_erased(members)
        change = ChatChange(chat, None, actor_id=None, now=now)
        Member.objects.bulk_create(_member(change, member) for member in members)
        change.chat_changed_for += [member.person for member in members if not member.left]
        finish([change])
    return True


def _without_erased(members: Sequence[PastMember]) -> Sequence[PastMember]:
    """End the memberships of accounts that were erased here, as their erasure did in other groups.
    An owner among them has the successor of `membership.next_owner`, where imported people count,
    too, who may still claim their account."""
    present = {member.person for member in members if not member.left}
    users = User.objects.filter(id__in=present)
    erased = set(users.filter(erased_at__isnull=False).values_list("id", flat=True))
    left = [
        msgspec.structs.replace(member, role="member", joined_at=None, left=True)
        if member.person in erased
        else member
        for member in members
    ]
    if _owners(left) or not _owners(members):
        return left
    claimable = Placeholder.objects.filter(former=False).values("user_id")
    able = users.filter(Q(is_active=True) | Q(id__in=claimable), is_bot=False)
    ids = set(able.values_list("id", flat=True)) - erased
    owner = min((member for member in left if member.person in ids), key=_standing, default=None)
    return [
        msgspec.structs.replace(member, role="owner") if member is owner else member
        for member in left
    ]


def _owners(members: Sequence[PastMember]) -> list[PastMember]:
    return [member for member in members if member.role == "owner" and not member.left]


def _standing(member: PastMember) -> tuple[bool, datetime, UUID]:
    """Administrators come first, then who joined first."""
    return member.role != "admin", member.joined_at or timezone.now(), member.person


def _member(change: ChatChange, past: PastMember) -> Member:
    rev = change.next_rev()
    last = change.chat.last_seq
    # What was deleted counts as read.
    read = max(min(past.read, last), change.chat.kept_from - 1)
    return Member(
        chat_id=change.chat.id,
        user_id=past.person,
        role=past.role,
        joined_at=past.joined_at,
        read_seq=read,
        delivered_seq=max(read, min(past.delivered, last)),
        rev=rev,
        # Devices that were never here have nothing to catch up on.
        left_rev=rev if past.left else None,
        removed=past.removed,
        person_rev=0,
    )


def _hold(files: Collection[UUID]) -> dict[UUID, str]:
    """The bodies of files as JSON, by id. Raises FileGone."""
    if not files:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(HOLD, [sorted(files)])
        found = dict(cursor.fetchall())
    if len(found) != len(set(files)):
        raise FileGone
    return found
