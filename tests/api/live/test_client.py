"""The client in docs/examples chats."""

import asyncio
import os
import sys
from uuid import UUID

import pytest

from apps.accounts.models import User
from apps.chats.actions.direct import open_direct
from apps.chats.models import Message
from chatproject.run.data_dir import CHECKOUT
from tests.chats.factories import write
from tests.support.live import database
from tests.support.people import PASSWORD
from tests.support.servers import Server

PROGRAM = CHECKOUT / "docs/examples/chat.py"


@pytest.fixture
async def terminal(alice_and_bob):
    """`terminal(server)` starts Alice's client in a terminal."""
    started = []

    async def start(server: Server) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, str(PROGRAM), server.url, "alice", "bob"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, "PARLEY_PASSWORD": PASSWORD, "NO_PROXY": "*"},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def shows(terminal, text):
    """Wait until the terminal shows a text; returns what came before it."""
    seen = b""
    async with asyncio.timeout(60):
        while text not in seen.decode():
            line = await terminal.stdout.readline()
            assert line, f"The client ended: {seen.decode()}"
            seen += line
    return seen.decode()


def texts_of(person: User, chat: UUID) -> list[str]:
    """What a person has sent, in order."""
    rows = Message.objects.filter(chat_id=chat, sender_id=person.id).order_by("seq")
    return list(rows.values_list("text", flat=True))


async def test_the_client_shows_history_and_events_and_sends(one_server, alice_and_bob, terminal):
    alice, bob = alice_and_bob
    chat = database(open_direct, alice.id, bob.id)
    database(write, bob, chat, "before")
    terminal = await terminal(one_server)
    terminal.stdin.write(b"a line\n")
    await shows(terminal, "alice: a line")
    database(write, bob, chat, "while it runs")
    await shows(terminal, "Bob: while it runs")
    terminal.stdin.write(b"the last line\n")
    terminal.stdin.write_eof()
    async with asyncio.timeout(60):
        assert await terminal.wait() == 0
    assert database(texts_of, alice, chat) == ["a line", "the last line"]


async def test_the_client_sends_again_after_an_outage(fresh_servers, alice_and_bob, terminal):
    alice, bob = alice_and_bob
    chat = database(open_direct, alice.id, bob.id)
    [server] = fresh_servers(1)
    terminal = await terminal(server)
    terminal.stdin.write(b"before the outage\n")
    await shows(terminal, "alice: before the outage")
    database(server.stop)
    await shows(terminal, "!")
    terminal.stdin.write(b"during the outage\n")
    database(server.restart)
    await shows(terminal, "alice: during the outage")
    assert database(texts_of, alice, chat) == ["before the outage", "during the outage"]
