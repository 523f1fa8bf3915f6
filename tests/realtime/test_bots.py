"""Bots listen and send with their tokens, as far as these cover it."""

import asyncio
from uuid import uuid4

import pytest

from apps.chats.actions import groups
from apps.integrations.actions import bots
from apps.wire.close_codes import CloseCode
from tests.integrations.programs import program
from tests.support.app_listeners import listening
from tests.support.client import TIMEOUT_S, Refusal
from tests.support.listeners import listener
from tests.support.live import database

__all__ = ["listener", "listening"]


@pytest.fixture
async def talk(cast):
    """A group of Alice's with her bot, and the bot."""

    def make():
        bot = bots.make(cast.alice.id, username=f"robot-{uuid4().hex[:8]}", name="Robot")
        return groups.create_group(cast.alice.id, "Builds", [bot]), bot

    return await asyncio.to_thread(database, make)


async def program_of(cast, bot, *scopes):
    return await asyncio.to_thread(database, program, cast.alice.id, bot, *scopes)


@pytest.mark.parametrize("way", ["socket", "stream", "poll"])
async def test_a_bot_listens_and_writes(servers, cast, listening, listener, talk, way):
    chat, bot = talk
    app = await program_of(cast, bot, "chats:read", "messages:write")
    robot = await listening(servers[0], app, way).join()
    alice = await listener(servers[1], cast.alice).join()
    await alice.send(chat, "How is the build?")
    await robot.has(chat, 2)
    await robot.send(chat, "It failed.")
    await alice.has(chat, 3)


async def test_a_command_that_the_token_does_not_cover_is_refused(servers, cast, listening, talk):
    chat, bot = talk
    app = await program_of(cast, bot, "chats:read")
    robot = await listening(servers[0], app).join()
    with pytest.raises(Refusal, match="messages:write") as refused:
        await robot.send(chat, "No.")
    assert refused.value.code == "insufficient_scope"
    with pytest.raises(Refusal, match="Bots may not"):
        await robot.call("contact.invite", person=str(cast.bob.id))
    # The connection goes on.
    seen = [{"chat": str(chat), "read": 1}]
    assert (await robot.call("receipts", positions=seen))["type"] == "ack"


async def test_a_token_that_only_writes_hears_nothing(servers, cast, listening, talk):
    _, bot = talk
    app = await program_of(cast, bot, "messages:write")
    robot = listening(servers[0], app)
    await robot.open()
    with pytest.raises(Refusal, match="chats:read"):
        await robot.call("resume")


async def test_a_revoked_token_closes_its_connections(servers, cast, listening, talk):
    _, bot = talk
    app = await program_of(cast, bot, "chats:read")
    robot = await listening(servers[0], app).join()
    await asyncio.to_thread(database, bots.revoke_token, cast.alice.id, bot, app.device)
    assert await robot.ended(within=TIMEOUT_S) == CloseCode.SIGNED_OUT
