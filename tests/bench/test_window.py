"""What a window counts, with clients whose transport only remembers."""

import asyncio
import itertools
from collections.abc import Callable

import msgspec
import pytest

from bench.load.client import ChatClient, ChatUnderLoad
from bench.load.endpoint import Endpoint
from bench.load.window import Window
from bench.load.workload import ClosedLoop, FixedInFlight


class Wire(asyncio.Transport):
    """The server's end of one client: what was written, frame by frame."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[dict[str, str]] = []

    def write(self, data: bytes) -> None:
        self.written.append(msgspec.json.decode(data[data.index(b"{") :]))


@pytest.fixture
async def chat() -> ChatUnderLoad:
    chat = ChatUnderLoad("chat")
    for _ in range(2):
        ChatClient(endpoint=Endpoint(1), cookie="", chat=chat).transport = Wire()
    return chat


def commands(chat: ChatUnderLoad) -> list[tuple[ChatClient, dict[str, str]]]:
    return [(client, each) for client in chat.members for each in wire(client).written]


def wire(client: ChatClient) -> Wire:
    assert isinstance(client.transport, Wire)
    return client.transport


def server_of(chat: ChatUnderLoad) -> Callable[[], None]:
    """Acknowledges and delivers everything that was sent so far, once."""
    seqs = itertools.count(1)

    def answer() -> None:
        sent = commands(chat)
        for client in chat.members:
            wire(client).written.clear()
        for client, command in sent:
            seq = next(seqs)
            acknowledge(client, command, seq)
            for member in chat.members:
                deliver(member, command, seq)

    return answer


def acknowledge(client: ChatClient, command: dict[str, str], seq: int) -> None:
    client.text(msgspec.json.encode({"type": "ack", "ref": command["ref"], "seq": seq}))


def deliver(client: ChatClient, command: dict[str, str], seq: int) -> None:
    message = {"seq": seq, "client_id": command["client_id"]}
    client.text(msgspec.json.encode([{"type": "message", "message": message}]))


async def test_a_message_is_256_bytes_under_an_id_of_its_own(chat: ChatUnderLoad):
    window = Window(chats=[chat])
    for client in chat.members:
        window.send(client)
        window.send(client)
    sent = [command for _, command in commands(chat)]
    assert {len(command["text"].encode()) for command in sent} == {256}
    assert len({command["client_id"] for command in sent}) == 4


async def test_closed_keeps_so_many_unacknowledged_a_client(chat: ChatUnderLoad):
    window, answer = Window(chats=[chat]), server_of(chat)
    ClosedLoop(3).start(window)
    for round_ in range(1, 4):
        assert len(commands(chat)) == 6
        answer()
        assert window.acked == 6 * round_
    assert window.deliveries == 36
    assert window.deliveries_to_others == 18


async def test_flight_sends_the_next_when_everybody_has_one(chat: ChatUnderLoad):
    window = Window(chats=[chat])
    FixedInFlight(1).start(window)
    [(sender, command)] = commands(chat)
    acknowledge(sender, command, 1)
    deliver(chat.members[0], command, 1)
    assert window.sent == 1
    deliver(chat.members[1], command, 1)
    assert window.sent == 2


async def test_settles_only_when_all_is_acknowledged_and_delivered(chat: ChatUnderLoad):
    window = Window(chats=[chat])
    window.send(chat.members[0])
    [(sender, command)] = commands(chat)
    deliver(chat.members[0], command, 1)
    deliver(chat.members[1], command, 1)
    assert not await window.settled(0)
    acknowledge(sender, command, 1)
    assert await window.settled(0)


async def test_tells_what_was_acknowledged_and_missed_by_one_member(chat: ChatUnderLoad):
    window = Window(chats=[chat])
    window.send(chat.members[0])
    [(sender, command)] = commands(chat)
    acknowledge(sender, command, 1)
    deliver(chat.members[0], command, 1)
    assert window.faults()["lost"] == 1


async def test_a_refusal_is_told_and_not_waited_for(chat: ChatUnderLoad):
    window = Window(chats=[chat])
    window.send(chat.members[0])
    chat.members[0].text(b'{"type":"error","ref":"x","code":"rate_limited","detail":""}')
    assert window.refusals == {"rate_limited": 1}
    assert await window.settled(0)


async def test_messages_of_an_earlier_window_are_not_judged(chat: ChatUnderLoad):
    earlier = Window(chats=[chat])
    earlier.send(chat.members[0])
    [(_, command)] = commands(chat)
    window = Window(chats=[chat])
    deliver(chat.members[1], command, 1)
    assert (window.unexpected, window.deliveries) == (1, 0)
