"""Who is to be told of a message: the chats' side of the ledger of pushes."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from apps.chats.queries.notification_preferences import MemberPreferences, of_members
from apps.notifications.actions.cancel_on_read import read_up_to
from apps.notifications.actions.decide import Candidate, record_decisions


class Written(Struct, frozen=True):
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


def note(written: Sequence[Written]) -> None:
    """Write down who is told of these messages and who not, in the transaction that wrote them.

    Costs nothing when nobody has a device and nobody was to be told of anything.
    """
    places = {(one.chat, person) for one in written for person in one.reachable}
    if places:
        preferences = of_members(places)
        record_decisions(
            (
                _candidate(one, person, preferences[one.chat, person])
                for one in written
                for person in one.reachable
                if (one.chat, person) in preferences
            ),
            now=written[-1].at,
        )
    read_up_to({(one.sender, one.chat): one.seq for one in written if one.awaited})


def _candidate(one: Written, person: UUID, member: MemberPreferences) -> Candidate:
    return Candidate(
        person=person,
        chat=one.chat,
        seq=one.seq,
        text=one.text,
        mentioned=one.mentions_all or person in one.mentions,
        preferences=member.preferences,
        delay=member.delay,
    )
