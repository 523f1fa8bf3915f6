"""Two connections join a stream that no connection has read: neither misses an event."""

from types import SimpleNamespace

import pytest

from apps.chats.actions import drafts, groups
from apps.chats.models import Chat
from apps.chats.queries import own_changes
from apps.realtime.change_feed import person_head
from apps.realtime.envelope import envelopes
from apps.realtime.server import Server
from apps.wire import publish
from tests.chats.factories import write
from tests.support.fill import many_groups
from tests.support.live import database
from tests.support.recording import connect, eventually

pytestmark = pytest.mark.usefixtures("repairs")


@pytest.fixture
def published(monkeypatch):
    """Publications, which the test delivers to the hub itself."""
    published = []
    monkeypatch.setattr(publish, "sinks", [published.extend])
    return published


def chat_head(chat):
    return Chat.objects.values_list("rev", flat=True).get(id=chat)


async def listens(hub, connection, id_):
    await eventually(lambda: connection in hub.feeds[id_].listeners)


async def test_a_connection_with_an_older_snapshot_of_a_chat_catches_up(cast, hub, published):
    crew = database(groups.create_group, cast.alice.id, "Crew", [cast.bob.id])
    (old, transport), (new, _) = connect(hub, cast.alice.id), connect(hub, cast.bob.id)
    hub.hold(old, "chat", [crew])
    older = database(chat_head, crew)
    published.clear()
    database(groups.rename_group, cast.alice.id, crew, "Renamed")
    hub.deliver(envelopes(published))
    hub.hold(new, "chat", [crew])
    hub.join(new, crew, database(chat_head, crew))
    hub.join(old, crew, older)
    await transport.until(lambda event: event["type"] == "title" and event["title"] == "Renamed")
    await listens(hub, old, crew)
    # The next heartbeat includes the stream.
    assert hub.feeds[crew].moved_at >= new.heartbeat_at


async def test_a_connection_with_an_older_snapshot_of_a_person_learns_of_a_removal(
    cast, hub, published
):
    crew = database(groups.create_group, cast.alice.id, "Crew", [cast.bob.id])
    (old, transport), (new, _) = connect(hub, cast.bob.id), connect(hub, cast.bob.id)
    hub.hold(old, "person", [cast.bob.id])
    hub.hold(old, "chat", [crew])
    older, chat = database(person_head, cast.bob.id), database(chat_head, crew)
    published.clear()
    database(groups.remove_member, cast.alice.id, crew, person=cast.bob.id)
    hub.deliver(envelopes(published))
    hub.hold(new, "person", [cast.bob.id])
    hub.join(new, cast.bob.id, database(person_head, cast.bob.id))
    hub.join(old, crew, chat)
    hub.join(old, cast.bob.id, older)
    await transport.until(lambda event: event["type"] == "left" and event["chat"] == str(crew))
    await listens(hub, old, cast.bob.id)
    assert old not in hub.feeds[crew].listeners
    assert old not in hub.feeds[crew].joining


async def test_a_connection_catches_up_with_a_long_person_stream_in_parts(
    cast, hub, published, monkeypatch
):
    monkeypatch.setattr(own_changes, "MAX_OWN_TEXTS", 2)
    crew = database(groups.create_group, cast.alice.id, "Crew", [cast.bob.id])
    chats = database(many_groups, cast.bob.id, 5)
    (old, transport), (new, _) = connect(hub, cast.bob.id), connect(hub, cast.bob.id)
    hub.hold(old, "person", [cast.bob.id])
    hub.hold(old, "chat", [crew])
    older, chat = database(person_head, cast.bob.id), database(chat_head, crew)
    database(drafts.save_draft, cast.bob.id, chats[0], text="draft 0", reply_to=None)
    hub.hold(new, "person", [cast.bob.id])
    hub.join(new, cast.bob.id, database(person_head, cast.bob.id))
    published.clear()
    for n in range(1, 5):
        database(drafts.save_draft, cast.bob.id, chats[n], text=f"draft {n}", reply_to=None)
    database(groups.remove_member, cast.alice.id, crew, person=cast.bob.id)
    mine = [each for each in published if each.stream == "person"]
    hub.join(old, crew, chat)
    hub.join(old, cast.bob.id, older)
    hub.deliver(envelopes(mine))
    await transport.until(lambda event: event["type"] == "left" and event["chat"] == str(crew))
    await listens(hub, old, cast.bob.id)
    drafted = [event["text"] for event in transport.events if event["type"] == "draft"]
    assert drafted == [f"draft {n}" for n in range(5)]
    assert old not in hub.feeds[crew].listeners


async def test_a_long_person_stream_is_healed_without_waiting_for_the_next_check(
    cast, hub, published, monkeypatch
):
    monkeypatch.setattr(own_changes, "MAX_OWN_TEXTS", 2)
    chats = database(many_groups, cast.bob.id, 5)
    connection, transport = connect(hub, cast.bob.id)
    hub.hold(connection, "person", [cast.bob.id])
    hub.join(connection, cast.bob.id, database(person_head, cast.bob.id))
    for n, chat in enumerate(chats):
        database(drafts.save_draft, cast.bob.id, chat, text=f"draft {n}", reply_to=None)
    hub.healer.mark(hub.feeds[cast.bob.id])
    await transport.until(lambda event: event["type"] == "draft" and event["text"] == "draft 4")
    assert [event["text"] for event in transport.events] == [f"draft {n}" for n in range(5)]


async def test_a_closed_connection_opens_no_feed(cast, hub):
    connection, _ = connect(hub, cast.alice.id)
    connection.outgoing.closed = True
    hub.disconnect(connection)
    hub.hold(connection, "chat", [cast.chat])
    hub.join(connection, cast.chat, 1)
    hub.sweep()
    assert not hub.feeds


@pytest.fixture
def left(cast, hub):
    """The revision of a chat whose last listener has just left: this process still has its feed."""
    connection, _ = connect(hub, cast.alice.id)
    hub.hold(connection, "chat", [cast.chat])
    rev = database(chat_head, cast.chat)
    hub.join(connection, cast.chat, rev)
    hub.disconnect(connection)
    return rev


def texts(transport):
    return [e["message"]["text"] for e in transport.events if e["type"] == "message"]


async def healed(hub):
    """Wait until the healer has looked at its marks."""
    await eventually(lambda: not hub.healer._wake.is_set())


async def test_a_feed_that_nobody_uses_is_read_when_somebody_joins(cast, hub, published, left):
    database(write, cast.alice, cast.chat, "its hint is lost")
    published.clear()
    database(write, cast.alice, cast.chat, "does not follow")
    hub.deliver(envelopes(published))
    await healed(hub)
    connection, transport = connect(hub, cast.bob.id)
    hub.hold(connection, "chat", [cast.chat])
    hub.join(connection, cast.chat, left)
    await eventually(lambda: texts(transport) == ["its hint is lost", "does not follow"])


async def test_a_feed_subscribed_while_nobody_uses_it_is_read_when_somebody_joins(
    cast, hub, published, left
):
    database(write, cast.alice, cast.chat, "published before the subscription")
    server = SimpleNamespace(hub=hub, relay=SimpleNamespace(alone=False))
    Server._subscribed(server, [cast.chat])
    await healed(hub)
    connection, transport = connect(hub, cast.bob.id)
    hub.hold(connection, "chat", [cast.chat])
    hub.join(connection, cast.chat, left)
    await eventually(lambda: texts(transport) == ["published before the subscription"])


async def test_what_a_connection_has_read_of_a_feed_left_behind_is_not_sent_again(
    cast, hub, published, left
):
    database(write, cast.alice, cast.chat, "its hint is lost")
    connection, transport = connect(hub, cast.bob.id)
    hub.join_unheld(connection, {cast.chat: database(chat_head, cast.chat)})
    published.clear()
    database(write, cast.alice, cast.chat, "next")
    hub.deliver(envelopes(published))
    await transport.until(lambda event: event["type"] == "message")
    await eventually(lambda: not hub.healer._behind | hub.healer._to_compare)
    assert texts(transport) == ["next"]


async def test_a_connection_with_an_older_snapshot_of_a_feed_left_behind_catches_up(
    cast, hub, published, left
):
    (old, transport), (new, _) = connect(hub, cast.bob.id), connect(hub, cast.alice.id)
    hub.hold(old, "chat", [cast.chat])
    database(write, cast.alice, cast.chat, "its hint is lost")
    hub.hold(new, "chat", [cast.chat])
    hub.join(new, cast.chat, database(chat_head, cast.chat))
    hub.join(old, cast.chat, left)
    await eventually(lambda: texts(transport) == ["its hint is lost"])
    await listens(hub, old, cast.chat)


async def test_an_event_after_the_read_of_a_feed_left_behind_is_found(cast, hub, published, left):
    database(write, cast.alice, cast.chat, "its hint is lost")
    read_up_to = database(chat_head, cast.chat)
    published.clear()
    database(write, cast.alice, cast.chat, "does not follow")
    hub.deliver(envelopes(published))
    await healed(hub)
    connection, transport = connect(hub, cast.bob.id)
    hub.join_unheld(connection, {cast.chat: read_up_to})
    await eventually(lambda: texts(transport) == ["does not follow"])
