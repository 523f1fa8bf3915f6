"""What a window counts, with clients whose transport only remembers."""

import asyncio
import itertools
from collections.abc import Callable

import msgspec
import pytest

from bench.load.pace import Closed, Flight
from bench.load.place import Place
from bench.load.talker import Room, Talker
from bench.load.window import Window


class Wire(asyncio.Transport):
    """The server's end of one client: what was written, frame by frame."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[dict[str, str]] = []

    def write(self, data: bytes) -> None:
        self.written.append(msgspec.json.decode(data[data.index(b"{") :]))


@pytest.fixture
async def room() -> Room:
    room = Room("chat")
    for _ in range(2):
        Talker(place=Place(1), cookie="", room=room).transport = Wire()
    return room


def commands(room: Room) -> list[tuple[Talker, dict[str, str]]]:
    return [(talker, each) for talker in room.members for each in wire(talker).written]


def wire(talker: Talker) -> Wire:
    assert isinstance(talker.transport, Wire)
    return talker.transport


def server_of(room: Room) -> Callable[[], None]:
    """Acknowledges and delivers everything that was sent so far, once."""
    seqs = itertools.count(1)

    def answer() -> None:
        sent = commands(room)
        for talker in room.members:
            wire(talker).written.clear()
        for talker, command in sent:
            seq = next(seqs)
            acknowledge(talker, command, seq)
            for member in room.members:
                deliver(member, command, seq)

    return answer


def acknowledge(talker: Talker, command: dict[str, str], seq: int) -> None:
    talker.text(msgspec.json.encode({"type": "ack", "ref": command["ref"], "seq": seq}))


def deliver(talker: Talker, command: dict[str, str], seq: int) -> None:
    message = {"seq": seq, "client_id": command["client_id"]}
    talker.text(msgspec.json.encode([{"type": "message", "message": message}]))


async def test_a_message_is_256_bytes_under_an_id_of_its_own(room: Room):
    window = Window(rooms=[room])
    for talker in room.members:
        window.send(talker)
        window.send(talker)
    sent = [command for _, command in commands(room)]
    assert {len(command["text"].encode()) for command in sent} == {256}
    assert len({command["client_id"] for command in sent}) == 4


async def test_closed_keeps_so_many_unacknowledged_a_client(room: Room):
    window, answer = Window(rooms=[room]), server_of(room)
    Closed(3).start(window)
    for round_ in range(1, 4):
        assert len(commands(room)) == 6
        answer()
        assert window.acked == 6 * round_
    assert window.deliveries == 36
    assert window.deliveries_to_others == 18


async def test_flight_sends_the_next_when_everybody_has_one(room: Room):
    window = Window(rooms=[room])
    Flight(1).start(window)
    [(sender, command)] = commands(room)
    acknowledge(sender, command, 1)
    deliver(room.members[0], command, 1)
    assert window.sent == 1
    deliver(room.members[1], command, 1)
    assert window.sent == 2


async def test_settles_only_when_all_is_acknowledged_and_delivered(room: Room):
    window = Window(rooms=[room])
    window.send(room.members[0])
    [(sender, command)] = commands(room)
    deliver(room.members[0], command, 1)
    deliver(room.members[1], command, 1)
    assert not await window.settled(0)
    acknowledge(sender, command, 1)
    assert await window.settled(0)


async def test_tells_what_was_acknowledged_and_missed_by_one_member(room: Room):
    window = Window(rooms=[room])
    window.send(room.members[0])
    [(sender, command)] = commands(room)
    acknowledge(sender, command, 1)
    deliver(room.members[0], command, 1)
    assert window.faults()["lost"] == 1


async def test_a_refusal_is_told_and_not_waited_for(room: Room):
    window = Window(rooms=[room])
    window.send(room.members[0])
    room.members[0].text(b'{"type":"error","ref":"x","code":"rate_limited","detail":""}')
    assert window.refusals == {"rate_limited": 1}
    assert await window.settled(0)


async def test_messages_of_an_earlier_window_are_not_judged(room: Room):
    earlier = Window(rooms=[room])
    earlier.send(room.members[0])
    [(_, command)] = commands(room)
    window = Window(rooms=[room])
    deliver(room.members[1], command, 1)
    assert (window.strays, window.deliveries) == (1, 0)
