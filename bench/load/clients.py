"""Connects clients and disconnects them."""

import asyncio
from collections.abc import Sequence

from bench.load.client import ChatClient, ChatUnderLoad
from bench.load.endpoint import Endpoint
from bench.people import Person

_MAX_CONCURRENT = 50
_CONNECT_TIMEOUT_S = 120.0


async def connect(
    endpoint: Endpoint, people: Sequence[Person], kind: type[ChatClient]
) -> list[ChatUnderLoad]:
    """Connect all people and wait until all are live. Raises ConnectionRefused or TimeoutError."""
    chats: dict[str, ChatUnderLoad] = {}
    semaphore = asyncio.Semaphore(_MAX_CONCURRENT)
    loop = asyncio.get_running_loop()

    async def connect_one(person: Person) -> None:
        chat = chats.setdefault(person.chat, ChatUnderLoad(person.chat))
        async with semaphore:
            _, client = await loop.create_connection(
                lambda: kind(endpoint=endpoint, cookie=person.cookie, chat=chat),
                endpoint.host,
                endpoint.port,
            )
            await client.start()

    async with asyncio.timeout(_CONNECT_TIMEOUT_S), asyncio.TaskGroup() as group:
        for person in people:
            group.create_task(connect_one(person))
    return list(chats.values())


def disconnect(chats: Sequence[ChatUnderLoad]) -> None:
    """Close all connections."""
    for chat in chats:
        for client in chat.members:
            client.transport.abort()


def disconnect_reasons(chats: Sequence[ChatUnderLoad]) -> list[str]:
    """The reasons of connections that ended too early."""
    return [
        f"{client.closed}" for chat in chats for client in chat.members if client.closed is not None
    ]
