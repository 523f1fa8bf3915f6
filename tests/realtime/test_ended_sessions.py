"""The end of a session or an account closes its connections on every server (promise 14)."""

import asyncio

import pytest

from apps.accounts.actions import accounts
from apps.accounts.models import User
from apps.wire.close_codes import CloseCode
from tests.support.live import database

AT_ONCE_S = 2.0
BY_THE_CHECK_S = 6.0


def change_password(user):
    accounts.set_password(User.objects.get(id=user.id), "a new correct horse battery")


def deactivate(user):
    accounts.deactivate(user.id)


async def phone_and_laptop(servers, cast, device):
    """Alice on both servers in sessions of their own, and Bob, who stays."""
    devices = device(servers[0], cast.alice), device(servers[1], cast.alice)
    bob = device(servers[1], cast.bob)
    await asyncio.gather(*(one.join() for one in (*devices, bob)))
    return *devices, bob


async def test_signing_out_closes_the_connections_of_that_session_only(servers, cast, device):
    phone, laptop, bob = await phone_and_laptop(servers, cast, device)
    tab = await device(servers[1], cast.alice, key=phone.key).join()
    async with phone.http() as http:
        assert (await http.delete("session")).status_code == 204
    codes = await asyncio.gather(phone.closed(AT_ONCE_S), tab.closed(AT_ONCE_S))
    assert codes == [CloseCode.SIGNED_OUT] * 2
    await laptop.send(cast.chat, "I am still here")
    await bob.has(cast.chat, 1)


@pytest.mark.parametrize("ending", [deactivate, change_password])
async def test_deactivation_or_a_new_password_closes_all_connections(servers, cast, device, ending):
    phone, laptop, bob = await phone_and_laptop(servers, cast, device)
    await asyncio.to_thread(database, ending, cast.alice)
    codes = await asyncio.gather(phone.closed(AT_ONCE_S), laptop.closed(AT_ONCE_S))
    assert codes == [CloseCode.SIGNED_OUT] * 2
    assert (await bob.call("resume", **bob.state.resume()))["type"] == "ack"
    again = await device(servers[0], cast.alice, key=phone.key).open()
    assert await again.closed() == CloseCode.SIGNED_OUT


async def test_without_redis_the_session_check_closes_connections(
    servers, cast, device, valkey_server
):
    phone, laptop, bob = await phone_and_laptop(servers, cast, device)
    valkey_server.process.kill()
    valkey_server.process.wait()
    try:
        async with phone.http() as http:
            assert (await http.delete("session")).status_code == 204
        await asyncio.to_thread(database, deactivate, cast.alice)
        codes = await asyncio.gather(phone.closed(BY_THE_CHECK_S), laptop.closed(BY_THE_CHECK_S))
        assert codes == [CloseCode.SIGNED_OUT] * 2
        assert not await bob.lost(within=0)
    finally:
        await asyncio.to_thread(database, valkey_server.restart)


@pytest.mark.parametrize("key", ["", "nobody", "x" * 5_000, "é;=,"])
async def test_a_socket_without_a_session_closes_as_signed_out(one_server, cast, device, key):
    stranger = device(one_server, cast.alice)
    stranger.key = key
    await stranger.open()
    assert await stranger.closed() == CloseCode.SIGNED_OUT
    assert stranger.events == []


async def test_connections_beyond_the_limit_of_a_person_are_closed(one_server, cast, device):
    devices = [await device(one_server, cast.alice).join() for _ in range(30)]
    one_more = await device(one_server, cast.alice).open()
    assert await one_more.closed(15) == CloseCode.TOO_MANY
    bob = await device(one_server, cast.bob).join()
    await bob.send(cast.chat, "still heard")
    for one in devices:
        await one.has(cast.chat, 1)


async def test_a_connection_that_does_not_resume_in_time_is_closed(one_server, cast, device):
    silent = await device(one_server, cast.alice).open()
    awake = await device(one_server, cast.bob).join()
    assert await silent.closed(15) == CloseCode.NO_RESUME
    assert [event["type"] for event in silent.events] == ["welcome"]
    assert not await awake.lost(within=0)
