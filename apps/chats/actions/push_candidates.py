"""What new messages mean to members who want to notice them: hands those with a device to the
notifications app, and marks messages with the keywords that they contain."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from msgspec import Struct

from apps.chats.actions import keywords
from apps.chats.queries.notification_preferences import MemberPreferences, of_members
from apps.core import carried_traces
from apps.notifications.actions.cancel_on_read import read_up_to
from apps.notifications.actions.decide import Candidate, record_decisions


class AddedMessage(Struct, frozen=True):
    """A message that was just added. `reachable` are the other members with a push subscription,
    `attentive` those with keywords. `awaited`: the sender has open pushes for earlier messages,
    which sending marks as read.
    """

    chat: UUID
    seq: int
    sender: UUID
    text: str
    at: datetime
    mentions: Sequence[UUID]
    mentions_all: bool
    reachable: Sequence[UUID]
    attentive: Sequence[UUID]
    awaited: bool
    trace: str = ""


def record_pushes(added: Iterable[AddedMessage]) -> None:
    """Record who will be notified of these messages, and whose keywords they contain, in the
    transaction that adds them.

    Runs no query when nobody has a push subscription or keywords and no sender has an open push.
    """
    messages = list(added)
    chat_members = {
        (one.chat, person) for one in messages for person in (*one.reachable, *one.attentive)
    }
    if chat_members:
        preferences = of_members(chat_members)
        wanted = {key: member.preferences.keywords for key, member in preferences.items()}
        keywords.mark(
            (one.chat, one.seq, keywords.found_by(one.chat, one.text, one.attentive, wanted))
            for one in messages
        )
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
