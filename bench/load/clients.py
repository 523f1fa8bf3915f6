"""Connects clients and disconnects them."""

import asyncio
from collections.abc import Sequence

from bench.load.client import ChatClient, ChatUnderLoad
from bench.people import Person
from chatproject.load.endpoint import Endpoint

_MAX_CONCURRENT = 50
_CONNECT_TIMEOUT_S = 120.0


async def connect(
    endpoint: Endpoint,
    people: Sequence[Person],
    kind: type[ChatClient],
    *,
    at_once: int = _MAX_CONCURRENT,
    timeout_s: float = _CONNECT_TIMEOUT_S,
) -> list[ChatUnderLoad]:
    """Connect all people and wait until all are live. Raises ConnectionRefused or TimeoutError."""
    chats: dict[str, ChatUnderLoad] = {}
    semaphore = asyncio.Semaphore(at_once)

    async def connect_one(person: Person) -> None:
        chat = chats.setdefault(person.chat, ChatUnderLoad(person.chat))
        async with semaphore:
            client = await endpoint.connect(
                lambda: kind(endpoint=endpoint, cookie=person.cookie, chat=chat)
            )
            await client.start()

    async with asyncio.timeout(timeout_s), asyncio.TaskGroup() as group:
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
