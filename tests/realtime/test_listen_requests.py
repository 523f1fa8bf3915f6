"""Requests that listen over HTTP, or POST commands: access, limits, responses."""

import asyncio
import json
from uuid import uuid4

import httpx
import pytest

from apps.wire.limits import MAX_FRAME_BYTES
from tests.support.client import CSRF, api
from tests.support.listeners import lines, listener
from tests.support.live import database
from tests.support.people import session_of

__all__ = ["listener"]
ADDRESSES = ("events", "events/stream", "commands")
RESUME = {"type": "resume", "ref": "1"}
TYPING = {"type": "typing", "ref": "1", "chat": str(uuid4())}


def plain(server, user, **headers):
    """A client with a session, and without a CSRF token."""
    return httpx.AsyncClient(
        base_url=f"{server.url}/api/v1",
        cookies={"parley": database(session_of, user), "csrftoken": CSRF},
        headers=headers,
        trust_env=False,
        timeout=20,
    )


async def problem(asking):
    """Status and code of a refusal, which must be an uncacheable problem document."""
    answer = await asking
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store, no-transform"
    document = answer.json()
    assert document["status"] == answer.status_code
    return answer.status_code, document["code"]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_requests_of_foreign_pages_are_refused_without_cors_headers(
    one_server, cast, address, headers
):
    async with plain(one_server, cast.alice, **headers, **{"X-CSRFToken": CSRF}) as http:
        asked = [http.post(address, json=RESUME)]
        if address != "commands":
            asked.append(http.get(address))
        for answer in await asyncio.gather(*asked):
            assert answer.status_code == 403
            assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("address", ADDRESSES)
async def test_a_post_without_a_csrf_token_is_refused(one_server, cast, address):
    async with plain(one_server, cast.alice, Origin=one_server.url) as http:
        assert await problem(http.post(address, json=RESUME)) == (403, "forbidden")


async def test_own_pages_are_served_without_cors_headers(one_server, cast):
    own = {"Origin": one_server.url, "Sec-Fetch-Site": "same-origin"}
    async with plain(one_server, cast.alice, **own) as http:
        answer = await http.get("events")
        assert answer.status_code == 200
        assert answer.json()[0]["type"] == "welcome"
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("key", ["", "nobody", "x" * 5_000])
async def test_a_request_without_a_session_is_refused_as_signed_out(one_server, cast, address, key):
    async with api(one_server.url, key) as http:
        body = TYPING if address == "commands" else RESUME
        assert await problem(http.post(address, json=body)) == (401, "signed_out")


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize(
    "body",
    [
        b"x",
        b"null",
        b"{}",
        b"\xff\xfe",
        b'{"type": "resume"}',
        b'{"type": "resume", "ref": "1", "admin": true}',
        b'{"type": "nothing", "ref": "1"}',
        b"[" * 100_000,
    ],
    ids=range(8),
)
async def test_a_body_that_is_no_command_is_refused_as_invalid(
    one_server, cast, listener, address, body
):
    alice = listener(one_server, cast.alice)
    async with alice.http() as http:
        headers = {"Content-Type": "application/json"}
        answer = await http.post(address, content=body, headers=headers)
        if address == "commands" and answer.status_code == 200:
            # It was JSON: the reply is that of a socket.
            assert answer.json()["code"] == "invalid"
        else:
            assert (answer.status_code, answer.json()["code"]) == (400, "invalid")


@pytest.mark.parametrize("address", ADDRESSES)
async def test_a_body_that_is_too_large_is_refused(one_server, cast, listener, address):
    async with listener(one_server, cast.alice).http() as http:
        body = json.dumps({**RESUME, "x": "x" * MAX_FRAME_BYTES})
        headers = {"Content-Type": "application/json"}
        assert await problem(http.post(address, content=body, headers=headers)) == (400, "too_long")


@pytest.mark.parametrize("address", ADDRESSES)
async def test_bodies_of_another_content_type_are_refused(one_server, cast, listener, address):
    async with listener(one_server, cast.alice).http() as http:
        assert await problem(http.post(address, data={"type": "resume"})) == (400, "invalid")
        without_boundary = {"Content-Type": "multipart/form-data"}
        asking = http.post(address, content=b"x", headers=without_boundary)
        assert await problem(asking) == (400, "invalid")


async def test_an_empty_body_is_refused_and_the_next_command_accepted(one_server, cast, listener):
    async with listener(one_server, cast.alice).http() as http:
        headers = {"Content-Type": "application/json"}
        for body in (b"", b"  ", b"[]"):
            asking = http.post("commands", content=body, headers=headers)
            assert await problem(asking) == (400, "invalid")
        answer = await http.post("commands", json={**TYPING, "chat": str(cast.chat)})
        assert [event["type"] for event in [answer.json()]] == ["ack"]


async def test_a_thousand_query_parameters_are_refused(one_server, cast, listener):
    async with listener(one_server, cast.alice).http() as http:
        asking = http.get("events", params={f"x{number}": "" for number in range(1_001)})
        assert await problem(asking) == (400, "invalid")


@pytest.mark.parametrize("address", ["events", "events/stream"])
async def test_listening_begins_with_a_resume_only(one_server, cast, listener, address):
    async with listener(one_server, cast.alice).http() as http:
        assert await problem(http.post(address, json=TYPING)) == (400, "invalid")
        assert await problem(http.get(address, params={"state": "gone"})) == (400, "invalid")
        assert await problem(http.get(address, params={"resume": "x"})) == (400, "invalid")
        assert await problem(http.put(address, json=RESUME)) == (400, "invalid")


async def test_too_many_streams_of_one_person_are_refused_with_retry_after(
    one_server, cast, listener
):
    keen = [listener(one_server, cast.alice, "stream") for _ in range(30)]
    for one in keen:
        await one.join()
    bob = await listener(one_server, cast.bob, "stream").join()
    async with keen[0].http() as http:
        for address in ("events", "events/stream"):
            answer = await http.post(address, json=RESUME)
            assert answer.status_code == 429
            assert answer.json()["code"] == "rate_limited"
            assert int(answer.headers["Retry-After"]) >= 1
    # Open streams go on, other people can connect, and a closed stream makes room.
    await bob.send(cast.chat, "still there")
    await keen[29].has(cast.chat, 1)
    await keen[0].cut()
    await keen[1].cut()
    await comes_in(listener(one_server, cast.alice, "stream"))


async def comes_in(device):
    """Listen as soon as the server has noticed that others have left."""
    async with asyncio.timeout(20):
        while not device.online.is_set():
            try:
                async with asyncio.timeout(1):
                    await device.join()
            except TimeoutError:
                assert device.ending in (429, None)


async def test_a_stream_forbids_proxy_buffering_and_sends_heartbeats(one_server, cast, listener):
    async with listener(one_server, cast.alice).http() as http:
        asking = http.stream("GET", "events/stream", timeout=40)
        async with asking as answer:
            assert answer.headers["Content-Type"] == "text/event-stream"
            assert answer.headers["Cache-Control"] == "no-store, no-transform"
            assert answer.headers["X-Accel-Buffering"] == "no"
            async with asyncio.timeout(27):
                async for line in lines(answer):
                    if '"type":"heartbeat"' in line:
                        break


async def test_a_poll_waits_for_the_first_event_and_returns_a_token(one_server, cast, listener):
    bob = await listener(one_server, cast.bob).join()
    alice = listener(one_server, cast.alice)
    async with alice.http() as http:
        first = await http.post("events", json=RESUME)
        kinds = [event["type"] for event in first.json()]
        assert kinds == ["welcome", "snapshot", "chats", "presence", "synced", "ack"]
        after = {"after": first.headers["Parley-Next"]}
        waiting = asyncio.create_task(http.post("events", json=RESUME, params=after))
        assert not (await asyncio.wait([waiting], timeout=1))[0]
        await bob.send(cast.chat, "here")
        assert [event["type"] for event in (await waiting).json()] == ["message"]


async def test_events_between_two_polls_are_in_the_next_response(one_server, cast, listener):
    bob = await listener(one_server, cast.bob).join()
    alice = listener(one_server, cast.alice)
    async with alice.http() as http:
        first = await http.post("events", json=RESUME)
        after = {"after": first.headers["Parley-Next"]}
        await bob.send(cast.chat, "one")
        await bob.send(cast.chat, "two")
        seen = {"type": "receipts", "ref": "2", "positions": [{"chat": str(cast.chat), "read": 2}]}
        await http.post("commands", json=seen)
        second = (await http.post("events", json=RESUME, params=after)).json()
        assert [event["type"] for event in second[:2]] == ["message", "message"]
        assert "receipt" in [event["type"] for event in second]


async def test_a_lost_poll_response_is_repeated_from_the_cursor(one_server, cast, listener):
    bob = await listener(one_server, cast.bob).join()
    alice = listener(one_server, cast.alice)
    async with alice.http() as http:
        first = await http.post("events", json=RESUME)
        for event in first.json():
            alice.state.apply(event)
        body = RESUME | alice.state.resume()
        after = {"after": first.headers["Parley-Next"]}
        await bob.send(cast.chat, "one")
        lost = await http.post("events", json=body, params=after)
        again = await http.post("events", json=body, params=after)
        for answer in (lost, again):
            messages = [event for event in answer.json() if event["type"] == "message"]
            assert [event["message"]["text"] for event in messages] == ["one"]
        assert again.json()[0]["type"] == "welcome"


async def test_a_poll_token_is_useless_to_another_session(one_server, cast, listener):
    alice, charlie = listener(one_server, cast.alice), listener(one_server, cast.charlie)
    bob = await listener(one_server, cast.bob).join()
    async with alice.http() as hers, charlie.http() as theirs:
        first = await hers.post("events", json=RESUME)
        after = {"after": first.headers["Parley-Next"]}
        await bob.send(cast.chat, "private")
        stolen = await theirs.post("events", json=RESUME, params=after)
        assert stolen.json()[0]["me"]["username"] == cast.charlie.username
        assert "private" not in stolen.text
        # Her connection still exists.
        kept = await hers.post("events", json=RESUME, params=after)
        assert [event["type"] for event in kept.json()] == ["message"]
