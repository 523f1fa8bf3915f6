"""Apps listen with tokens and tickets, on all transports (threats 1, 3, 7 and promise 14)."""

import asyncio
import json
from uuid import uuid4

import httpx
import jwt
import pytest
from django.conf import settings

from apps.wire.close_codes import CloseCode
from tests.support.app_listeners import listening
from tests.support.apps import ENDINGS, app_of
from tests.support.client import TIMEOUT_S
from tests.support.listeners import listener
from tests.support.live import database
from tests.support.people import signed_in

__all__ = ["listener", "listening"]
AT_ONCE_S = 2.0
BY_THE_CHECK_S = 6.0
# Transport and credentials, and how a connection shows that its device was signed out.
SIGNED_OUT = {
    ("socket", "token"): CloseCode.SIGNED_OUT,
    ("socket", "ticket"): CloseCode.SIGNED_OUT,
    ("stream", "token"): CloseCode.SIGNED_OUT,
    ("stream", "ticket"): CloseCode.SIGNED_OUT,
    ("poll", "token"): 401,
}


async def app_for(user):
    return await asyncio.to_thread(database, app_of, user)


@pytest.mark.parametrize(("way", "by"), SIGNED_OUT)
async def test_an_app_listens_and_sends_without_a_cookie_or_an_origin(
    servers, cast, listening, listener, way, by
):
    alice = await listening(servers[0], await app_for(cast.alice), way, by).join()
    bob = await listener(servers[1], cast.bob).join()
    await bob.send(cast.chat, "to the app")
    await alice.has(cast.chat, 1)
    await alice.send(cast.chat, "from the app")
    await bob.has(cast.chat, 2)


@pytest.mark.parametrize("ending", ENDINGS)
async def test_an_app_that_ended_loses_all_its_connections_on_every_server(
    servers, cast, listening, listener, ending
):
    app, other = await app_for(cast.alice), await app_for(cast.bob)
    connections = [
        listening(servers[number % 2], app, way, by) for number, (way, by) in enumerate(SIGNED_OUT)
    ]
    connections += [
        listening(servers[(number + 1) % 2], app, way, by)
        for number, (way, by) in enumerate(SIGNED_OUT)
        if way == "socket"
    ]
    bob = listening(servers[1], other)
    await asyncio.gather(*(each.join() for each in (*connections, bob)))
    await asyncio.to_thread(database, ending, app, cast.alice)
    codes = await asyncio.gather(*(each.ended(AT_ONCE_S) for each in connections))
    assert codes == [SIGNED_OUT[each.way, each.by] for each in connections]
    assert not await bob.lost(within=0)
    again = await listening(servers[0], app).open()
    assert await again.closed() == CloseCode.SIGNED_OUT
    assert again.events == []


async def test_without_redis_the_session_check_ends_the_connections_of_an_app(
    servers, cast, listening, valkey_server
):
    app = await app_for(cast.alice)
    connections = [
        listening(servers[number % 2], app, way, by) for number, (way, by) in enumerate(SIGNED_OUT)
    ]
    await asyncio.gather(*(each.join() for each in connections))
    valkey_server.process.kill()
    valkey_server.process.wait()
    try:
        await asyncio.to_thread(database, ENDINGS[0], app, cast.alice)
        codes = await asyncio.gather(*(each.ended(BY_THE_CHECK_S) for each in connections))
    finally:
        await asyncio.to_thread(database, valkey_server.restart)
    assert codes == [*SIGNED_OUT.values()]


def forged(app, **changes):
    claims = jwt.decode(app.access, options={"verify_signature": False}) | changes
    return jwt.encode(claims, settings.SIMPLE_JWT["SIGNING_KEY"], algorithm="HS256")


WRONG = {
    "no token": lambda app: "x",
    "expired": lambda app: forged(app, exp=1),
    "another audience": lambda app: forged(app, aud="another"),
    "another device": lambda app: forged(app, device=str(uuid4())),
    "another person": lambda app: forged(app, sub=str(uuid4())),
    "a refresh token": lambda app: app.refresh_token,
    "alg none": lambda app: jwt.encode(
        jwt.decode(app.access, options={"verify_signature": False}), None, algorithm="none"
    ),
}


@pytest.mark.parametrize("how", WRONG)
async def test_a_wrong_token_opens_nothing(one_server, cast, listening, how):
    app = await app_for(cast.alice)
    app.access = WRONG[how](app)
    socket = await listening(one_server, app).open()
    assert await socket.closed() == CloseCode.SIGNED_OUT
    assert socket.events == []
    async with listening(one_server, app).http() as http:
        for method, path in (("GET", "events"), ("GET", "events/stream"), ("POST", "commands")):
            body = {"json": {"type": "typing", "ref": "1", "chat": str(cast.chat)}}
            answer = await http.request(method, path, **(body if method == "POST" else {}))
            assert answer.status_code == 401, path
            assert answer.headers["WWW-Authenticate"] == "Bearer"


async def with_ticket(server, ticket, headers=None, **more):
    """The status of a stream that is opened with this ticket."""
    client = httpx.AsyncClient(base_url=f"{server.url}/api/v1", trust_env=False, timeout=TIMEOUT_S)
    async with (
        client,
        client.stream(
            "GET", "events/stream", params={"ticket": ticket, **more}, headers=headers or {}
        ) as answer,
    ):
        return answer.status_code


async def test_a_ticket_opens_one_connection_on_one_server(servers, cast, listening):
    app = listening(servers[0], await app_for(cast.alice))
    ticket = await app.ticket()
    codes = [await with_ticket(server, ticket) for server in (*servers, *servers)]
    assert codes == [200, 401, 401, 401]
    ticket = await app.ticket()
    codes = await asyncio.gather(*(with_ticket(servers[n % 2], ticket) for n in range(6)))
    assert sorted(codes) == [200, 401, 401, 401, 401, 401]


async def test_a_guessed_ticket_opens_nothing(one_server, cast, listening):
    await listening(one_server, await app_for(cast.alice)).ticket()
    for guess in ("x" * 43, "é", "x" * 10_000):
        assert await with_ticket(one_server, guess) == 401


async def test_a_ticket_beside_a_token_is_refused(one_server, cast, listening):
    alice = listening(one_server, await app_for(cast.alice))
    charlie = listening(one_server, await app_for(cast.charlie))
    ticket = await alice.ticket()
    assert await with_ticket(one_server, ticket, charlie.bearer()) == 400
    assert await with_ticket(one_server, ticket) == 200, "it was not used up"


async def test_polls_accept_no_ticket(one_server, cast, listening):
    alice = listening(one_server, await app_for(cast.alice))
    ticket = await alice.ticket()
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(f"{one_server.url}/api/v1/events", params={"ticket": ticket})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "#/ticket")


async def test_beside_a_cookie_the_origin_must_be_ours(one_server, cast, listening):
    """A page of another site can make a browser send our cookie."""
    app = await app_for(cast.alice)
    browser = await asyncio.to_thread(database, signed_in, cast.alice)
    cookie = {"Cookie": f"parley={browser.cookies['parley'].value}"}
    alice = listening(one_server, app)
    ticket = await alice.ticket()
    evil = {**cookie, "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert await with_ticket(one_server, ticket, evil) == 403
    assert await with_ticket(one_server, "x", evil) == 403
    alice.credentials = lambda: {**alice.bearer(), **cookie}
    for origin in (None, "https://evil.example"):
        with pytest.raises(Exception, match="403"):
            await alice.open(origin=origin)
    await alice.open(origin=one_server.url)
    await alice.until(lambda event: event["type"] == "welcome")


async def test_without_a_cookie_any_origin_may_use_a_token(one_server, cast, listening):
    alice = listening(one_server, await app_for(cast.alice))
    await alice.open(origin="https://an.app.example")
    welcome = await alice.until(lambda event: event["type"] == "welcome")
    assert welcome["me"]["id"] == str(cast.alice.id)


async def test_the_key_of_an_app_in_a_cookie_opens_nothing(one_server, cast, listening, listener):
    app = await app_for(cast.alice)
    alice = await listening(one_server, app, "poll").join()
    thief = listener(one_server, cast.alice, key=f"app:{app.device.hex}")
    await thief.open()
    assert await thief.closed() == CloseCode.SIGNED_OUT
    async with thief.http() as http:
        command = {"type": "typing", "ref": "1", "chat": str(cast.chat)}
        assert (await http.post("commands", json=command)).status_code == 401
        assert (await http.get("events")).status_code == 401
    assert not await alice.lost(within=0)


async def test_a_token_of_the_command_queue_belongs_to_its_app(one_server, cast, listening):
    """Charlie's commands are his own, whatever the queue of another app holds."""
    alice = await listening(one_server, await app_for(cast.alice), "poll").join()
    charlie = listening(one_server, await app_for(cast.charlie), "poll")
    await alice.send(cast.chat, "mine")
    async with charlie.http() as http:
        command = {"type": "send", "ref": "1", "chat": str(cast.chat), "text": "his"}
        body = json.dumps(command | {"client_id": str(uuid4())})
        given = {"Content-Type": "application/json"}
        answer = await http.post("commands", content=body, headers=given)
    assert answer.json()["code"] == "not_found"
