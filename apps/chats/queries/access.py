"""Access to chats. All code that reads or changes a chat for a person checks it here."""

from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

from apps.chats.models import Chat, Member
from apps.contacts.queries.contacts import are_contacts
from apps.core.errors import NotContacts, NotFound
from apps.core.reads import Columns, Read, result_of

# The SQL of `in_touch`. Takes the aliases of chats_chat and of the asking chats_member.
IN_TOUCH = """({0}.low IS NULL OR EXISTS (
    SELECT FROM contacts_contact bond
    WHERE bond.owner_id = CASE WHEN {0}.low = {1}.user_id THEN {0}.high ELSE {0}.low END
        AND bond.other_id = {1}.user_id AND bond.state = 'contact'))"""


def get_membership(user_id: UUID, chat_id: UUID) -> Member:
    """The person's current membership, with its chat.

    Raises the same NotFound for a chat that does not exist, for one that the person is not in (any
    more), and for a closed account.
    """
    found = result_of(_reading(user_id, chat_id))
    if not found:
        raise NotFound
    return found[0]


def in_touch(chat: Chat) -> bool:
    """Whether the two people of a direct chat are contacts; true for a group."""
    if chat.low is None or chat.high is None:
        return True
    return are_contacts(chat.low, chat.high)


def check_in_touch(user_id: UUID, chat_id: UUID) -> None:
    """Raises NotFound unless the person is in the chat, and NotContacts for a direct chat whose two
    people are not contacts."""
    if not in_touch(get_membership(user_id, chat_id).chat):
        raise NotContacts


def pair_of(chat_id: UUID) -> frozenset[UUID]:
    """The two people of a direct chat; empty for a group or an unknown chat."""
    pair = Chat.objects.filter(id=chat_id, kind=Chat.Kind.DIRECT).values_list("low", "high").first()
    return frozenset(person for person in pair or () if person is not None)


def _reading(user_id: UUID, chat_id: UUID) -> Read[list[Member]]:
    member, chat = _columns()
    sql = f"""
SELECT {member.sql}, {chat.sql} FROM chats_member AS member
JOIN chats_chat AS chat ON chat.id = member.chat_id
JOIN accounts_user AS person ON person.id = member.user_id AND person.is_active
WHERE member.chat_id = %s AND member.user_id = %s AND member.left_rev IS NULL
"""  # noqa: S608  names
    return Read(sql, [chat_id, user_id], lambda rows: list(map(_member, rows)), binary=False)


def _member(row: Sequence[Any]) -> Member:
    member, chat = _columns()
    found = member.instance(row[: member.count])
    found.chat = chat.instance(row[member.count :])
    return found


@cache
def _columns() -> tuple[Columns[Member], Columns[Chat]]:
    return Columns(Member, "member"), Columns(Chat, "chat")
