"""Hands new messages to the notifications app: which members may get a push for them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from apps.chats.queries.notification_preferences import MemberPreferences, of_members
from apps.core import carried_traces
from apps.notifications.actions.cancel_on_read import read_up_to
from apps.notifications.actions.decide import Candidate, record_decisions


class AddedMessage(Struct, frozen=True):
    """A message that was just added. `reachable` are the other members with a push subscription.
    `awaited`: the sender has open pushes for earlier messages, which sending marks as read.
    """

    chat: UUID
    seq: int
    sender: UUID
    text: str
    at: datetime
    mentions: Sequence[UUID]
    mentions_all: bool
    reachable: Sequence[UUID]
    awaited: bool
    trace: str = ""


def record_pushes(messages: Sequence[AddedMessage]) -> None:
    """Record who will be notified of these messages, in the transaction that adds them.

    Runs no query when nobody has a push subscription and no sender has an open push.
    """
    chat_members = {(one.chat, person) for one in messages for person in one.reachable}
    if chat_members:
        preferences = of_members(chat_members)
        record_decisions(
            (
                _candidate(one, person, preferences[one.chat, person])
                for one in messages
                for person in one.reachable
                if (one.chat, person) in preferences
            ),
            now=messages[-1].at,
        )
        for one in messages:
            if one.trace:
                carried_traces.carry(f"{one.chat}:{one.seq}", one.trace)
    read_up_to({(one.sender, one.chat): one.seq for one in messages if one.awaited})


def _candidate(one: AddedMessage, person: UUID, member: MemberPreferences) -> Candidate:
    return Candidate(
        person=person,
        chat=one.chat,
        seq=one.seq,
        text=one.text,
        mentioned=one.mentions_all or person in one.mentions,
        preferences=member.preferences,
        delay=member.delay,
    )
