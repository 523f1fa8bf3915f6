"""Events of a person's stream that arrive while a resume of their connection is running."""

import asyncio

import pytest
from django.db import OperationalError

from apps.accounts.actions import sessions
from apps.chats.actions import groups
from apps.chats.models import Chat
from apps.contacts.actions import contacts
from apps.realtime import catch_up, change_feed
from apps.realtime import resume as resuming
from apps.realtime.envelope import envelopes
from apps.realtime.outgoing import FRAME_CHARACTERS
from apps.wire import epochs, publish
from apps.wire.close_codes import CloseCode
from apps.wire.commands import Resume
from tests.chats.factories import write
from tests.support.fill import fill, fill_all, many_groups
from tests.support.live import database
from tests.support.people import session_of
from tests.support.recording import connect, eventually

pytestmark = pytest.mark.usefixtures("repairs")


@pytest.fixture
def published(monkeypatch, hub):
    """Publications, which the test delivers to the hub itself."""
    published = []
    monkeypatch.setattr(publish, "sinks", [published.extend])
    return published


@pytest.fixture
def after_first_part(monkeypatch):
    """`after_first_part(work)`: run `work` after the first part of a resume is written."""

    def then(work):
        write = resuming._write

        async def once(connection, encoded):
            await write(connection, encoded)
            monkeypatch.setattr(resuming, "_write", write)
            work()

        monkeypatch.setattr(resuming, "_write", once)

    return then


def joining(hub, user):
    """A connection of a new session, and its transport."""
    return connect(hub, user.id, database(session_of, user))


async def resumed(hub, user):
    """Resume another connection of the person, so that their stream has a cursor here."""
    connection, _ = joining(hub, user)
    await resuming.resume(hub, connection, Resume(ref="0"))


async def test_a_device_that_was_signed_out_since_its_welcome_is_closed_at_once(cast, hub):
    connection, transport = joining(hub, cast.bob)
    database(sessions.end, connection.session_key)
    await resuming.resume(hub, connection, Resume(ref="1"))
    await eventually(lambda: transport.code == CloseCode.SIGNED_OUT)
    assert transport.frames == []
    assert not connection.resumed


async def test_a_contact_lost_during_a_resume_is_not_watched(
    cast, hub, published, after_first_part
):
    database(fill_all, database(many_groups, cast.bob.id, 300), cast.bob.id, amount=1, length=400)
    connection, _ = joining(hub, cast.bob)
    after_first_part(lambda: database(contacts.block, cast.alice.id, cast.bob.id))
    watched = await resuming.resume(hub, connection, Resume(ref="1"))
    assert cast.alice.id not in watched


async def test_a_failed_resume_closes_a_live_connection(cast, hub, monkeypatch):
    connection, transport = joining(hub, cast.bob)
    await resuming.resume(hub, connection, Resume(ref="1"))
    assert connection in hub.feeds[cast.chat].listeners

    def away(*_):
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(resuming.ResumeReader, "read", away)
    with pytest.raises(OperationalError):
        await resuming.resume(hub, connection, Resume(ref="2"))
    # It listened to its chats before; now it would get no events and not notice.
    assert connection not in hub.feeds[cast.chat].listeners
    assert transport.code == CloseCode.RESTARTING
    # A connection that was never live may try again.
    connection, transport = joining(hub, cast.bob)
    with pytest.raises(OperationalError):
        await resuming.resume(hub, connection, Resume(ref="1"))
    assert transport.code is None


async def test_a_member_removed_while_a_chat_is_read_gets_none_of_its_events(
    cast, hub, published, monkeypatch
):
    crew = database(groups.create_group, cast.alice.id, "Crew", [cast.bob.id])
    connection, transport = joining(hub, cast.bob)
    await resuming.resume(hub, connection, Resume(ref="1"))
    held = database(Chat.objects.values_list("rev", flat=True).get, id=crew)
    hub.leave(connection, crew)
    database(groups.rename_group, cast.alice.id, crew, "Renamed")
    published.clear()
    read_chat = catch_up._read_chat

    def removed_after(*args):
        found = read_chat(*args)
        groups.remove_member(cast.alice.id, crew, person=cast.bob.id)
        hub.loop.call_soon_threadsafe(hub.deliver, envelopes(published))
        return found

    monkeypatch.setattr(catch_up, "_read_chat", removed_after)
    await asyncio.sleep(0.05)
    came = len(transport.events)
    await catch_up.catch_up_chat(hub, connection, crew, held)
    await transport.until(lambda event: event["type"] == "left")
    await asyncio.sleep(0.05)
    assert [event["type"] for event in transport.events[came:]] == ["left"]
    assert connection not in hub.feeds[crew].listeners


async def test_catching_up_with_a_chat_waits_for_a_running_resume(cast, hub, published):
    connection, _ = joining(hub, cast.bob)
    await resuming.resume(hub, connection, Resume(ref="1"))
    connection.resuming = True
    hub.hold(connection, "chat", [cast.chat])
    held = hub.held(connection, cast.chat)
    hub.catch_up.request(connection, "chat", cast.chat, 0)
    await asyncio.sleep(0.3)
    assert hub.held(connection, cast.chat) is held
    connection.resuming = False
    await eventually(lambda: connection in hub.feeds[cast.chat].listeners)


async def test_an_outdated_read_does_not_join_the_feed(cast, hub, published, monkeypatch):
    connection, _ = joining(hub, cast.bob)
    await resuming.resume(hub, connection, Resume(ref="1"))
    read_chat = catch_up._read_chat

    def replaced(*args):
        hub.loop.call_soon_threadsafe(hub.hold, connection, "chat", [cast.chat])
        return read_chat(*args)

    monkeypatch.setattr(catch_up, "_read_chat", replaced)
    await catch_up.catch_up_chat(hub, connection, cast.chat, 0)
    assert connection in hub.feeds[cast.chat].joining


async def test_a_resume_ends_though_more_than_a_frame_is_written_while_each_part_is_read(
    cast, hub, published, monkeypatch
):
    written = []

    async def then_more(connection, encoded):
        await write_part(connection, encoded)
        written.append(sum(map(len, encoded)))
        assert len(written) < 10, "no part is the last"
        for _ in range(5):
            database(write, cast.alice, cast.chat, "x" * 19_000)

    write_part = resuming._write
    monkeypatch.setattr(resuming, "_write", then_more)
    connection, transport = joining(hub, cast.bob)
    epoch, user = database(epochs.current), database(change_feed.person_head, cast.bob.id)
    for _ in range(5):
        database(write, cast.alice, cast.chat, "x" * 19_000)
    behind = Resume(ref="1", epoch=epoch, chats={cast.chat: 0}, user=user)
    await resuming.resume(hub, connection, behind)
    head = database(Chat.objects.values_list("rev", flat=True).get, id=cast.chat)
    await eventually(lambda: head in revs_of(cast.chat, transport))
    # What came with the last part had more than a frame; it came in several.
    assert revs_of(cast.chat, transport) == list(range(1, head + 1))
    assert max(map(len, transport.frames)) < 1.1 * FRAME_CHARACTERS
    assert connection in hub.feeds[cast.chat].listeners
    assert transport.code is None


def revs_of(chat, transport):
    """All revisions of the chat that events carried, in order of arrival."""
    found = []
    for event in transport.events:
        if event["type"] == "chats":
            found += [each["rev"] for each in event["chats"] if each["id"] == str(chat)]
        elif event["type"] == "chat" and event["chat"]["id"] == str(chat):
            found.append(event["chat"]["rev"])
        elif event.get("chat") == str(chat):
            found.append(event["rev"])
    return found


async def test_a_joined_chat_is_sent_before_its_later_events(
    cast, hub, published, after_first_part
):
    database(fill_all, database(many_groups, cast.bob.id, 300), cast.bob.id, amount=1, length=400)
    await resumed(hub, cast.bob)
    connection, transport = joining(hub, cast.bob)
    made = []

    def join():
        crew = database(groups.create_group, cast.alice.id, "Crew", [cast.bob.id])
        database(groups.rename_group, cast.alice.id, crew, "Renamed")
        hub.deliver(envelopes(published))
        made.append(crew)

    after_first_part(join)
    await resuming.resume(hub, connection, Resume(ref="1"))
    [crew] = made
    published.clear()
    database(groups.rename_group, cast.alice.id, crew, "Renamed again")
    hub.deliver(envelopes(published))
    await eventually(lambda: any(event["type"] == "title" for event in transport.events))
    revs = revs_of(crew, transport)
    assert revs == sorted(revs)
    head = database(Chat.objects.values_list("rev", flat=True).get, id=crew)
    assert revs[-1] == head


async def test_missed_events_of_a_known_chat_are_sent_before_later_ones(
    cast, hub, published, after_first_part
):
    """A change of role joins the chat, which the resume has not read yet."""
    crew = database(groups.create_group, cast.alice.id, "Crew", [cast.bob.id])
    held = database(Chat.objects.values_list("rev", flat=True).get, id=crew)
    others = database(many_groups, cast.bob.id, 10)
    database(fill_all, others, cast.bob.id, amount=10, length=20_000)
    database(groups.rename_group, cast.alice.id, crew, "Renamed")
    database(fill, cast.chat, cast.alice.id, end=1)
    await resumed(hub, cast.bob)
    connection, transport = joining(hub, cast.bob)

    def promote():
        published.clear()
        database(groups.change_role, cast.alice.id, crew, person=cast.bob.id, role="admin")
        database(groups.rename_group, cast.alice.id, crew, "Renamed again")
        hub.deliver(envelopes(published))

    after_first_part(promote)
    epoch = database(epochs.current)
    chats = {crew: held, **dict.fromkeys(others, 0)}
    user = database(change_feed.person_head, cast.bob.id)
    await resuming.resume(hub, connection, Resume(ref="1", epoch=epoch, chats=chats, user=user))
    await asyncio.sleep(0.1)
    changed = [e["rev"] for e in transport.events if e.get("chat") == str(crew) and "rev" in e]
    assert changed == sorted(changed)
    assert connection in hub.feeds[crew].listeners
