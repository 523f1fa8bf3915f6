"""Clients, connected and live."""

import asyncio
from collections.abc import Sequence

from bench.load.place import Place
from bench.load.talker import Room, Talker
from bench.people import Person

_AT_ONCE = 50
_ALL_WITHIN = 120.0


async def connect(place: Place, people: Sequence[Person], kind: type[Talker]) -> list[Room]:
    """Connect everybody and wait until all are live. Raises Refused or TimeoutError."""
    rooms: dict[str, Room] = {}
    gate = asyncio.Semaphore(_AT_ONCE)
    loop = asyncio.get_running_loop()

    async def one(person: Person) -> None:
        room = rooms.setdefault(person.chat, Room(person.chat))
        async with gate:
            _, talker = await loop.create_connection(
                lambda: kind(place=place, cookie=person.cookie, room=room), place.host, place.port
            )
            await talker.start()

    async with asyncio.timeout(_ALL_WITHIN), asyncio.TaskGroup() as group:
        for person in people:
            group.create_task(one(person))
    return list(rooms.values())


def disconnect(rooms: Sequence[Room]) -> None:
    """Hang up."""
    for room in rooms:
        for talker in room.members:
            talker.transport.abort()


def hung_up(rooms: Sequence[Room]) -> list[str]:
    """Why connections ended that should not have."""
    return [
        f"{talker.closed}" for room in rooms for talker in room.members if talker.closed is not None
    ]
