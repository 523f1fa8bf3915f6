"""Hands new messages to the notifications app: which members may get a push for them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from apps.chats.queries import wishes
from apps.notifications.actions.decisions import Candidate, write_down
from apps.notifications.actions.reading import read_up_to


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


def record_pushes(messages: Sequence[AddedMessage]) -> None:
    """Record who will be notified of these messages, in the transaction that adds them.

    Runs no query when nobody has a push subscription and no sender has an open push.
    """
    places = {(one.chat, person) for one in messages for person in one.reachable}
    if places:
        asked = wishes.of_members(places)
        write_down(
            (
                _candidate(one, person, asked[one.chat, person])
                for one in messages
                for person in one.reachable
                if (one.chat, person) in asked
            ),
            now=messages[-1].at,
        )
    read_up_to({(one.sender, one.chat): one.seq for one in messages if one.awaited})


def _candidate(one: AddedMessage, person: UUID, asked: wishes.Asked) -> Candidate:
    wanted, delay = asked
    return Candidate(
        person=person,
        chat=one.chat,
        seq=one.seq,
        text=one.text,
        mentioned=one.mentions_all or person in one.mentions,
        wishes=wanted,
        delay=delay,
    )
