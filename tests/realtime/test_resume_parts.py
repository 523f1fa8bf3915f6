"""Large resumes: in parts, as fast as the peer reads, within bounded memory."""

import asyncio
import json
from uuid import uuid4

import psutil
from django.db import connection

from apps.chats.actions import groups
from apps.chats.queries import message_rows
from apps.realtime.outgoing import FRAME_CHARACTERS
from apps.realtime.resume_parts import read_parts
from apps.realtime.resume_reader import ResumeReader
from apps.wire.close_codes import CloseCode
from apps.wire.commands import Resume
from tests.chats.factories import write
from tests.realtime.test_slow import small_buffers
from tests.support.fill import fill, fill_all, many_groups
from tests.support.ledger import reorders
from tests.support.listeners import listener
from tests.support.live import database
from tests.support.people import person, session_of

__all__ = ["listener"]
RESUME = {"type": "resume", "ref": "1"}
MAX_MEMORY_BYTES = 40 * 1024 * 1024


def kinds(events):
    return [event["type"] for event in events]


def groups_with_entries(owner, amount):
    """Groups with one entry each: about a kilobyte of JSON per group."""
    chats = many_groups(owner.id, amount)
    fill_all(chats, owner.id, amount=1, length=400)
    return chats


def sizes(device):
    """Lengths of the frames that hold more than one event."""
    return [len(frame) for frame in device.frames if isinstance(json.loads(frame), list)]


async def test_many_chats_come_in_frames_of_bounded_size(one_server, db, device):
    alice = database(person, f"alice-{uuid4().hex[:8]}")
    chats = database(groups_with_entries, alice, 1_100)
    phone = await device(one_server, alice).join()
    assert set(phone.state.chats) == {str(chat) for chat in chats}
    assert phone.resumes == 1
    assert len(phone.frames) > 10
    assert max(sizes(phone)) < 1.1 * FRAME_CHARACTERS
    assert kinds(phone.events)[-2:] == ["synced", "ack"]
    # Newest activity first, over all parts.
    times = [chat["active_at"] for event in phone.of_type("chats") for chat in event["chats"]]
    assert times == sorted(times, reverse=True)


async def test_a_slow_peer_gets_a_whole_resume_while_its_chats_change(one_server, cast, device):
    alice = cast.alice
    chats = database(groups_with_entries, alice, 1_500)
    bob = await device(one_server, cast.bob).join()
    slow = await device(one_server, alice).open(sock=small_buffers(one_server.url))
    process = psutil.Process(one_server.pid)
    memory = process.memory_info().rss

    async def write_on():
        while True:
            await bob.send(cast.chat, "y" * 2_000)
            await asyncio.sleep(0.02)

    async def read_slowly():
        while True:
            slow.stop_reading()
            await asyncio.sleep(0.01)
            slow.read_again()
            await asyncio.sleep(0.002)

    background = [asyncio.create_task(write_on()), asyncio.create_task(read_slowly())]
    await slow.resume()
    for task in background:
        task.cancel()
    assert process.memory_info().rss - memory < MAX_MEMORY_BYTES
    slow.read_again()
    synced = kinds(slow.events).index("synced")
    assert len(slow.state.chats) == len(chats) + 1
    assert slow.resumes == 1
    last = bob.state.chats[str(cast.chat)]["last_seq"]
    await slow.has(cast.chat, last)
    assert reorders(slow) == 0
    # From then on it listens to all of them.
    assert "chats" not in kinds(slow.events[synced:])


async def test_a_resume_of_long_texts_does_not_fill_the_memory(one_server, db, device):
    """50 MB of missed events; once, all of them were read as one list and sent as one frame."""
    alice = database(person, f"alice-{uuid4().hex[:8]}")
    chats = database(many_groups, alice.id, 100)
    phone = await device(one_server, alice).join()
    await phone.cut()
    database(fill_all, chats, alice.id, amount=10, length=50_000)
    process = psutil.Process(one_server.pid)
    memory = process.memory_info().rss
    came = len(phone.events)
    await phone.join()
    grown = process.memory_info().rss - memory
    print(f"\nresume of 50 MB: the server's memory grew by {grown / 2**20:.0f} MB")
    assert grown < MAX_MEMORY_BYTES
    heads = {chat: state["last_seq"] for chat, state in phone.state.chats.items()}
    assert heads == {str(chat): 10 for chat in chats}
    events = phone.events[came:]
    entries = kinds(events).count("message")
    assert 100 <= entries <= 200  # 8 MB, and a part
    # The rest in its current state.
    assert sum(len(event["chats"]) for event in events if event["type"] == "chats") >= 80
    assert max(sizes(phone)) < 1.1 * FRAME_CHARACTERS


async def test_more_than_a_megabyte_in_one_chat_is_a_gap(one_server, cast, device):
    alice = await device(one_server, cast.alice).join()
    await alice.cut()
    database(fill_all, [cast.chat], cast.bob.id, amount=22, length=50_000)
    came = len(alice.events)
    await alice.join()
    [gap] = [event for event in alice.events[came:] if event["type"] == "gap"]
    assert (gap["rev"], gap["last_seq"]) == (22, 22)
    # The newest entries, up to a quarter of a megabyte.
    assert [entry["seq"] for entry in gap["messages"]] == [18, 19, 20, 21, 22]
    assert "message" not in kinds(alice.events[came:])


async def test_an_unreadable_entry_does_not_stop_a_resume(one_server, cast, device):
    alice = await device(one_server, cast.alice).join()
    bob = await device(one_server, cast.bob).join()
    for text in ("one", "two"):
        await bob.send(cast.chat, text)
    await alice.has(cast.chat, 2)
    await alice.cut()
    came = len(alice.events)
    database(poison, cast.chat)
    await alice.join()
    missed = [event for event in alice.events[came:] if event["type"] == "message"]
    # Perhaps twice: the resume shows the server that its cursor is behind, and it heals.
    assert {event["rev"] for event in missed} == {3}
    assert "previews" not in missed[0]["message"]
    await (fresh := device(one_server, cast.alice)).join()
    await bob.send(cast.chat, "three")
    for one in (alice, fresh):
        await one.has(cast.chat, 3)
    assert one_server.log.count("cannot be decoded and is left out") == 1


def poison(chat):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE chats_chat SET rev = 3 WHERE id = %s", [chat])
        cursor.execute(
            "UPDATE chats_message SET rev = 3, previews = '[1]' WHERE chat_id = %s AND seq = 2",
            [chat],
        )


async def test_streams_and_polls_send_a_large_resume_in_parts(one_server, cast, listener):
    chats = database(groups_with_entries, cast.alice, 600)
    for way in ("stream", "poll"):
        one = await listener(one_server, cast.alice, way).join()
        assert len(one.state.chats) == len(chats) + 1
        assert max(sizes(one)) < 2.2 * FRAME_CHARACTERS
        assert len(one.frames) > 5
        assert one.resumes == 1
        bob = await listener(one_server, cast.bob).join()
        sent = await bob.send(cast.chat, f"heard over {way}")
        await one.has(cast.chat, sent["seq"])


async def test_a_removal_or_sign_out_between_polls_of_a_resume_ends_it(one_server, cast, listener):
    crew = database(groups.create_group, cast.alice.id, "Crew", [cast.bob.id])
    # The crew comes last in order of activity.
    database(fill, crew, cast.alice.id, start=100, end=101, first="2000-01-01")
    database(groups_with_entries, cast.bob, 600)
    alice = await listener(one_server, cast.alice).join()
    bob = listener(one_server, cast.bob)
    came = []
    async with bob.http() as http:
        answer = await http.post("events", json=RESUME)
        await alice.call("member.remove", chat=str(crew), person=str(cast.bob.id))
        await alice.send(crew, "for Alice alone")
        while True:
            came.append(answer.text)
            if '"synced"' in answer.text:
                break
            after = {"after": answer.headers["Parley-Next"]}
            answer = await http.post("events", json=RESUME, params=after)
        assert len(came) > 5
        assert "for Alice alone" not in "".join(came)
        answer = await http.post("events", json=RESUME)
        assert '"synced"' not in answer.text
        async with bob.http() as same:
            assert (await same.delete("session")).status_code == 204
        after = {"after": answer.headers["Parley-Next"]}
        assert (await http.post("events", json=RESUME, params=after)).status_code == 401


async def test_connections_that_have_not_resumed_count_towards_the_limit(one_server, cast, device):
    # All at once: a connection that does not resume is closed after ten seconds.
    key = database(session_of, cast.bob)
    opened = await asyncio.gather(
        *(device(one_server, cast.bob, key=key).open() for _ in range(31))
    )
    waiting = [asyncio.ensure_future(one.closed()) for one in opened]
    done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    assert [task.result() for task in done] == [CloseCode.TOO_MANY]
    # Other people can connect, and closed connections make room.
    await device(one_server, cast.alice).join()
    await asyncio.gather(*(one.leave() for one in opened))
    await asyncio.gather(*waiting)
    await device(one_server, cast.bob).join()


async def test_missed_events_of_many_small_chats_come_without_gaps(one_server, cast, device):
    chats = database(many_groups, cast.alice.id, 150)
    alice = await device(one_server, cast.alice).join()
    await alice.cut()
    for chat in chats:
        database(fill, chat, cast.alice.id, end=2)
    await alice.join()
    assert len(alice.state.applied) == 300
    heads = {id_: state["last_seq"] for id_, state in alice.state.chats.items()}
    assert all(heads[str(chat)] == 2 for chat in chats)


def test_an_unreadable_chat_is_skipped(cast, monkeypatch):
    other, bad = database(many_groups, cast.alice.id, 2)
    message = message_rows.message

    def read(text):
        if "unreadable" in text:
            raise ValueError
        return message(text)

    database(write, cast.alice, bad, "unreadable")
    monkeypatch.setattr(message_rows, "message", read)
    resumes = [
        ResumeReader(one.id, database(session_of, one), Resume(ref="1"))
        for one in (cast.alice, cast.bob)
    ]
    part, of_bob = database(read_parts, resumes)
    assert part.complete
    assert of_bob.complete
    assert set(of_bob.chats) == {cast.chat}
    assert set(part.chats) == {cast.chat, other}
    assert str(other) in "".join(part.encoded)
    assert str(bad) not in "".join(part.encoded)
