"""Who is to be told of a message: the chats' side of the ledger of pushes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from apps.chats.queries import wishes
from apps.notifications.actions.decisions import Candidate, write_down
from apps.notifications.actions.reading import read_up_to


class AddedMessage(Struct, frozen=True):
    """A message that was just written. `reachable`: the other members who have a device that
    takes pushes. `awaited`: the sender was to be told of earlier ones, which they have now read.
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


def record_pushes(written: Sequence[AddedMessage]) -> None:
    """Write down who is told of these messages and who not, in the transaction that wrote them.

    Costs nothing when nobody has a device and nobody was to be told of anything.
    """
    places = {(one.chat, person) for one in written for person in one.reachable}
    if places:
        asked = wishes.of_members(places)
        write_down(
            (
                _candidate(one, person, asked[one.chat, person])
                for one in written
                for person in one.reachable
                if (one.chat, person) in asked
            ),
            now=written[-1].at,
        )
    read_up_to({(one.sender, one.chat): one.seq for one in written if one.awaited})


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
