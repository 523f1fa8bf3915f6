"""Counters of a window, with clients whose transport only records frames."""

import asyncio
import itertools
from collections.abc import Callable

import msgspec
import pytest

from bench.load import workload
from bench.load.client import ChatClient, ChatUnderLoad
from bench.load.window import Window
from bench.load.workload import ClosedLoop, FixedInFlight, PerClient
from chatproject.load.endpoint import Endpoint


class RecordingTransport(asyncio.Transport):
    """Records the commands that a client writes."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[dict[str, str]] = []
        self.wrote = asyncio.Event()

    def write(self, data: bytes) -> None:
        self.wrote.set()
        self.written.append(msgspec.json.decode(data[data.index(b"{") :]))


@pytest.fixture
async def chat() -> ChatUnderLoad:
    chat = ChatUnderLoad("chat")
    for _ in range(2):
        ChatClient(endpoint=Endpoint(1), cookie="", chat=chat).transport = RecordingTransport()
    return chat


def commands(chat: ChatUnderLoad) -> list[tuple[ChatClient, dict[str, str]]]:
    return [(client, each) for client in chat.members for each in transport_of(client).written]


def transport_of(client: ChatClient) -> RecordingTransport:
    assert isinstance(client.transport, RecordingTransport)
    return client.transport


def server_of(chat: ChatUnderLoad) -> Callable[[], None]:
    """A function that acknowledges and delivers everything sent since its last call."""
    seqs = itertools.count(1)

    def respond() -> None:
        sent = commands(chat)
        for client in chat.members:
            transport_of(client).written.clear()
        for client, command in sent:
            seq = next(seqs)
            acknowledge(client, command, seq)
            for member in chat.members:
                deliver(member, command, seq)

    return respond


def acknowledge(client: ChatClient, command: dict[str, str], seq: int) -> None:
    client.text(msgspec.json.encode({"type": "ack", "ref": command["ref"], "seq": seq}))


def deliver(client: ChatClient, command: dict[str, str], seq: int) -> None:
    message = {"seq": seq, "client_id": command["client_id"]}
    client.text(msgspec.json.encode([{"type": "message", "message": message}]))


async def test_a_message_has_256_bytes_and_a_unique_id(chat):
    window = Window(chats=[chat])
    for client in chat.members:
        window.send(client)
        window.send(client)
    sent = [command for _, command in commands(chat)]
    assert {len(command["text"].encode()) for command in sent} == {256}
    assert len({command["client_id"] for command in sent}) == 4


async def test_a_closed_loop_keeps_three_messages_per_client_unacknowledged(chat):
    window, respond = Window(chats=[chat]), server_of(chat)
    ClosedLoop(3).start(window)
    for round_ in range(1, 4):
        assert len(commands(chat)) == 6
        respond()
        assert window.acked == 6 * round_
    assert window.deliveries == 36
    assert window.completed == 18


async def test_fixed_in_flight_sends_the_next_message_after_all_deliveries(chat):
    window = Window(chats=[chat])
    FixedInFlight(1).start(window)
    [(sender, command)] = commands(chat)
    acknowledge(sender, command, 1)
    deliver(chat.members[0], command, 1)
    assert window.sent == 1
    deliver(chat.members[1], command, 1)
    assert window.sent == 2


async def test_a_window_settles_when_all_is_acknowledged_and_delivered(chat):
    window = Window(chats=[chat])
    window.send(chat.members[0])
    [(sender, command)] = commands(chat)
    deliver(chat.members[0], command, 1)
    deliver(chat.members[1], command, 1)
    assert not await window.settled(0)
    acknowledge(sender, command, 1)
    assert await window.settled(0)


async def test_an_acknowledged_message_that_one_member_misses_is_lost(chat):
    window = Window(chats=[chat])
    window.send(chat.members[0])
    [(sender, command)] = commands(chat)
    acknowledge(sender, command, 1)
    deliver(chat.members[0], command, 1)
    assert window.faults()["lost"] == 1


async def test_a_refusal_is_counted_and_not_waited_for(chat):
    window = Window(chats=[chat])
    window.send(chat.members[0])
    chat.members[0].text(b'{"type":"error","ref":"x","code":"rate_limited","detail":""}')
    assert window.refusals == {"rate_limited": 1}
    assert await window.settled(0)


async def test_the_classic_run_sends_again_what_an_overloaded_server_refuses(chat, monkeypatch):
    monkeypatch.setattr(workload, "PAUSES_S", (0, 0))
    window = Window(chats=[chat])
    PerClient(count=1, interval_s=0).start(window)
    sender = chat.members[0]
    wrote = transport_of(sender).wrote
    await wrote.wait()
    [command] = transport_of(sender).written
    wrote.clear()
    refusal = {"type": "error", "ref": command["ref"], "code": "unavailable", "detail": ""}
    sender.text(msgspec.json.encode(refusal))
    await wrote.wait()
    assert transport_of(sender).written == [command, command]
    assert (window.repeated.total(), window.refusals.total()) == (1, 0)
    sender.text(msgspec.json.encode(refusal | {"code": "forbidden"}))
    assert window.refusals == {"forbidden": 1}


async def test_messages_of_an_earlier_window_are_unexpected(chat):
    earlier = Window(chats=[chat])
    earlier.send(chat.members[0])
    [(_, command)] = commands(chat)
    window = Window(chats=[chat])
    deliver(chat.members[1], command, 1)
    assert (window.unexpected, window.deliveries) == (1, 0)
