"""Resume: everything a connection missed, in order, before anything new."""

from uuid import UUID

from msgspec import Struct

from apps.accounts.queries import profiles
from apps.chats.queries import changes as chat_changes
from apps.chats.queries import keeping, lists, scheduled
from apps.chats.queries.access import get_membership
from apps.contacts.queries import contacts
from apps.core.errors import NotFound
from apps.notifications.queries import preferences, why
from apps.realtime import changes
from apps.realtime.checking import mismatches
from apps.realtime.database import in_database
from apps.realtime.hub import Hub
from apps.realtime.outgoing import Burst
from apps.realtime.session import Session
from apps.wire import bodies, epochs, events
from apps.wire.codec import encode
from apps.wire.commands import Resume

CHATS_IN_A_FRAME = 200
EVENTS_IN_A_FRAME = 100


class Reading(Struct):
    """What one read of the database found: encoded events, and where each stream stands."""

    encoded: list[str]
    chats: dict[UUID, int]
    user: int
    contacts: list[UUID]


async def resume(hub: Hub, session: Session, command: Resume) -> list[UUID]:
    """Send what `command` shows to be missing, and let the connection listen from there on.

    Answers the person's contacts, whose presence is to be told next.
    """
    # First stand in line for what comes, then read: nothing falls between.
    hub.begin(session, "person", [session.person])
    theirs = await in_database(lists.heads_of, session.person)
    hub.begin(session, "chat", theirs)
    reading = await in_database(_read, session.person, command)
    for start in range(0, len(reading.encoded), EVENTS_IN_A_FRAME):
        session.outgoing.add(Burst(reading.encoded[start : start + EVENTS_IN_A_FRAME]))
    for chat in theirs:
        if chat in reading.chats:
            hub.join(session, chat, reading.chats[chat])
        else:  # left between the two reads: what says so may have come before they stood in line
            hub.drop(session, chat)
    hub.join(session, session.person, reading.user)
    session.resumed = True
    for chat in reading.chats.keys() - theirs.keys():  # joined between the two reads
        await catch_up(hub, session, chat, reading.chats[chat])
    return reading.contacts


async def catch_up(hub: Hub, session: Session, chat: UUID, since: int) -> None:
    """Send what one chat brought after `since`, then let the connection listen to it, if it is
    still theirs."""
    hub.begin(session, "chat", [chat])
    try:
        rev, found = await in_database(_of_chat, session.person, chat, since)
    except NotFound:
        hub.drop(session, chat)
        return
    if found:
        session.outgoing.add(Burst([encode(event) for event in found]))
    hub.join(session, chat, rev)


def _of_chat(user_id: UUID, chat: UUID, since: int) -> tuple[int, list[events.Event]]:
    with changes.snapshot():
        rev = get_membership(user_id, chat).chat.rev
        return rev, _of_chats(user_id, {chat: since})


def _of_chats(user_id: UUID, cursors: dict[UUID, int]) -> list[events.Event]:
    found: list[events.Event] = []
    for chat, missed in chat_changes.since(cursors).items():
        if missed.complete:
            found += [item.event for item in missed.publications if item.event is not None]
        else:
            found.append(chat_changes.gap(user_id, chat))
    return found


def _read(user_id: UUID, command: Resume) -> Reading:
    with changes.snapshot():
        heads = lists.heads_of(user_id)
        head = changes.person_head(user_id)
        reason = _reset(command, heads, head)
        known = contacts.contact_ids(user_id)
        if command.epoch is None or reason is not None:
            found = _everything(user_id, head)
            if reason is not None:
                found.insert(0, events.Reset(reason=reason))
        else:
            found = [
                *_missed(user_id, command, heads=heads, head=head),
                *mismatches(command, heads),
            ]
        if given_up := why.undelivered(user_id):
            found.append(events.UndeliveredNotices(chats=given_up))
    return Reading([encode(event) for event in found], heads, head, known)


def _reset(command: Resume, heads: dict[UUID, int], head: int) -> events.ResetReason | None:
    if command.epoch is None:
        return None
    if command.epoch != epochs.current():
        return "unknown_epoch"
    ahead = any(rev > heads.get(chat, rev) for chat, rev in command.chats.items())
    return "cursor_ahead" if ahead or command.user > head else None


def _everything(user_id: UUID, head: int) -> list[events.Event]:
    me = profiles.me(user_id)
    snapshot = events.Snapshot(
        user_rev=head,
        me=me,
        contacts=contacts.list_for(user_id),
        drafts=keeping.drafts_of(user_id),
        saved=keeping.saved_of(user_id),
        scheduled=scheduled.of_person(user_id),
        notifications=preferences.of_person(user_id),
    )
    return [snapshot, *_in_frames(lists.all_of(user_id))]


def _missed(
    user_id: UUID, command: Resume, *, heads: dict[UUID, int], head: int
) -> list[events.Event]:
    # Most who come back have missed nothing of their own.
    own = changes.of_person(user_id, command.user) if command.user < head else []
    found: list[events.Event] = [item.event for item in own if item.event is not None]
    unnamed = heads.keys() - command.chats.keys()
    if unnamed:
        found += _in_frames(lists.some_of(user_id, unnamed))
    cursors = {
        chat: rev for chat, rev in command.chats.items() if chat in heads and rev < heads[chat]
    }
    return found + _of_chats(user_id, cursors)


def _in_frames(chats: list[bodies.Chat]) -> list[events.Event]:
    return [
        events.Chats(chats=chats[start : start + CHATS_IN_A_FRAME])
        for start in range(0, len(chats), CHATS_IN_A_FRAME)
    ]
