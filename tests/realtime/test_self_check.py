"""The self-check of a resume: entries a client holds are compared with those stored."""

from hashlib import sha256
from uuid import uuid4

import pytest

from tests.support.client import Refusal
from tests.support.live import database
from tests.support.people import direct_chat, person


def hashed(entries):
    """The hash of docs/protocol.md: over a line for each entry."""
    lines = "".join(map(line, entries))
    return sha256(lines.encode()).hexdigest()[:16]


def line(entry):
    length = len(entry["text"].encode())
    return f"{entry['seq']}:{entry['rev']}:{entry['id']}:{length}:{entry['text'][:500]}\n"


def span(state, chat, first, last):
    held = [state.messages[chat][seq] for seq in range(first, last + 1)]
    return {"first": first, "last": last, "hash": hashed(held)}


async def resumed(device, held):
    """Resume with spans to compare; the events that come."""
    came = len(device.events)
    await device.call("resume", **device.state.resume(), held=held)
    return device.events[came:]


async def talk(one_server, cast, device):
    alice = await device(one_server, cast.alice).join()
    bob = await device(one_server, cast.bob).join()
    for text in ("one", "two", "three"):
        await bob.send(cast.chat, text)
    await bob.call("edit", chat=str(cast.chat), seq=2, text="two, again")
    await alice.knows(lambda state: state.cursors[str(cast.chat)] == 4)
    return alice, bob


async def test_spans_that_match_bring_no_mismatch(one_server, cast, device):
    alice, _ = await talk(one_server, cast, device)
    chat = str(cast.chat)
    for first, last in ((1, 3), (2, 2), (2, 3)):
        events = await resumed(alice, {chat: span(alice.state, chat, first, last)})
        assert [event["type"] for event in events] == ["synced", "ack"]


async def test_a_mismatch_comes_before_synced_and_is_logged(one_server, cast, device):
    alice, _ = await talk(one_server, cast, device)
    chat = str(cast.chat)
    line_in_log = f"a client's copy of {chat} differs in 1-3"
    assert line_in_log not in one_server.log
    # The edit was lost on the way.
    alice.state.messages[chat][2]["rev"] = 2
    events = await resumed(alice, {chat: span(alice.state, chat, 1, 3)})
    assert events[0] == {"type": "mismatch", "chat": chat, "first": 1, "last": 3}
    assert [event["type"] for event in events[1:]] == ["synced", "ack"]
    assert one_server.log.count(line_in_log) == 1


async def test_an_entry_that_is_not_stored_is_a_mismatch(one_server, cast, device):
    alice, _ = await talk(one_server, cast, device)
    chat = str(cast.chat)
    alice.state.messages[chat][4] = {"seq": 4, "rev": 4, "id": str(uuid4()), "text": "four"}
    events = await resumed(alice, {chat: span(alice.state, chat, 1, 4)})
    assert events[0]["type"] == "mismatch"


async def test_a_span_that_changed_since_is_sent_and_not_compared(one_server, cast, device):
    alice, bob = await talk(one_server, cast, device)
    chat = str(cast.chat)
    await alice.cut()
    await bob.call("edit", chat=chat, seq=1, text="one, again")
    held = {chat: span(alice.state, chat, 1, 3)}
    came = len(alice.events)
    await alice.open()
    await alice.call("resume", **alice.state.resume(), held=held)
    kinds = {event["type"] for event in alice.events[came:]}
    assert "message" in kinds
    assert "mismatch" not in kinds


async def test_a_span_of_a_foreign_chat_is_skipped_like_an_absent_one(one_server, cast, device):
    _, bob = await talk(one_server, cast, device)
    charlie = await device(one_server, cast.charlie).join()
    for chat in (str(cast.chat), str(uuid4())):
        held = {chat: {"first": 1, "last": 3, "hash": "0" * 16}}
        came = len(charlie.events)
        resume = charlie.state.resume() | {"chats": {chat: 4}}
        await charlie.call("resume", **resume, held=held)
        assert [event["type"] for event in charlie.events[came:]] == ["synced", "ack"]
    assert await resumed(bob, {str(cast.chat): {"first": 1, "last": 3, "hash": "0" * 16}})


async def test_spans_of_many_chats_are_compared_at_once(one_server, cast, device):
    friends = [database(person, f"friend-{uuid4().hex[:8]}") for _ in range(3)]
    chats = [str(database(direct_chat, cast.alice, friend)) for friend in friends]
    alice = await device(one_server, cast.alice).join()
    for chat in chats:
        await alice.send(chat, "hello")
        await alice.has(chat, 1)
    held = {chat: span(alice.state, chat, 1, 1) for chat in chats}
    held[chats[1]]["hash"] = "f" * 16
    events = await resumed(alice, held)
    assert [event["chat"] for event in events if event["type"] == "mismatch"] == [chats[1]]


@pytest.mark.parametrize(
    "held",
    [
        {"first": 1, "last": 101, "hash": "0" * 16},
        {"first": 2, "last": 1, "hash": "0" * 16},
        {"first": 0, "last": 1, "hash": "0" * 16},
        {"first": 1, "last": 1, "hash": "0" * 15},
        {"first": 1, "last": 1, "hash": "G" * 16},
        {"first": 1, "last": 1},
    ],
)
async def test_invalid_or_too_long_spans_are_refused(one_server, cast, device, held):
    alice = await device(one_server, cast.alice).join()
    with pytest.raises(Refusal, match="invalid"):
        await resumed(alice, {str(cast.chat): held})


async def test_more_than_fifty_spans_are_refused(one_server, cast, device):
    alice = await device(one_server, cast.alice).join()
    one = {"first": 1, "last": 1, "hash": "0" * 16}
    with pytest.raises(Refusal, match="invalid"):
        await resumed(alice, {str(uuid4()): one for _ in range(51)})
