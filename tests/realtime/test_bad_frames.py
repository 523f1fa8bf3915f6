"""Frames that no client of ours sends: refused or closed with the right code, and harmless."""

import json
from uuid import uuid4

import pytest

from apps.wire.close_codes import CloseCode
from apps.wire.limits import MAX_FRAME_BYTES
from tests.support.client import Refusal

PROTOCOL, NOT_UTF8, TOO_BIG = CloseCode.PROTOCOL, 1007, 1009
DEEP = "[" * 100_000


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\x00\x01", PROTOCOL),
        (json.dumps({"type": "resume", "ref": "1"}).encode(), PROTOCOL),
        ("", PROTOCOL),
        ("x" * (MAX_FRAME_BYTES + 1), TOO_BIG),
    ],
    ids=["binary", "binary-json", "empty", "too-big"],
)
async def test_a_frame_that_is_no_command_closes_the_connection(
    one_server, cast, device, frame, code
):
    alice = await device(one_server, cast.alice).join()
    bob = await device(one_server, cast.bob).join()
    await alice.say(frame)
    assert await alice.closed() == code
    await bob.send(cast.chat, "undisturbed")
    await bob.has(cast.chat, 1)


async def test_a_text_frame_that_is_not_utf8_closes_the_connection(one_server, cast, device):
    alice = await device(one_server, cast.alice).join()
    await alice.say_text(b'{"type": "resume", "ref": "\xff\xfe"}')
    assert await alice.closed() == NOT_UTF8


@pytest.mark.parametrize(
    "frame",
    [
        "x",
        "null",
        "[]",
        "{}",
        '"resume"',
        "{" * 50,
        '{"type": "resume"}',
        '{"type": "nothing", "ref": "r"}',
        '{"type": ["resume"], "ref": "r"}',
        '{"ref": "r"}',
        '[{"type": "resume", "ref": "r"}]',
        '{"type": "resume", "ref": "r", "ref": 5}',
        '{"type": "resume", "ref": "r", "user": NaN}',
        '{"type": "resume", "ref": "r", "user": 1e400}',
        '{"type": "resume", "ref": "r"} {}',
        '{"type": "send", "ref": "r", "text": "\\ud800"}',
        DEEP,
        '{"type": "resume", "ref": "r", "chats": ' + '{"a":' * 50_000 + "}",
        '{"a": ' + DEEP,
    ],
)
async def test_an_invalid_command_is_refused_and_the_connection_stays_open(
    one_server, cast, device, frame
):
    alice = await device(one_server, cast.alice).join()
    came = len(alice.events)
    await alice.say(frame)
    answer = await alice.until(lambda event: event["type"] == "error", since=came)
    assert answer["code"] == "invalid"
    assert answer["detail"]
    assert (await alice.send(cast.chat, "still here"))["seq"] == 1


@pytest.mark.parametrize("text", ["", " \n", "\u2003"])
async def test_an_empty_text_is_refused_as_empty(one_server, cast, device, text):
    alice = await device(one_server, cast.alice).join()
    with pytest.raises(Refusal, match="empty"):
        await alice.send(cast.chat, text)


@pytest.mark.parametrize("letter", ["x", "\U0001f600"])
async def test_a_text_of_100_000_characters_is_refused_and_one_less_is_sent(
    one_server, cast, device, letter
):
    alice = await device(one_server, cast.alice).join()
    frame = {"chat": str(cast.chat), "client_id": str(uuid4())}
    with pytest.raises(Refusal, match="too_long"):
        await alice.call("send", text=letter * 100_000, **frame)
    ack = await alice.call("send", text=letter * 99_999, **frame)
    await alice.has(cast.chat, ack["seq"])
    assert alice.state.texts(str(cast.chat)) == [letter * 99_999]


async def test_a_connection_that_ignores_refusals_is_closed(one_server, cast, device):
    alice = await device(one_server, cast.alice).join()
    for _ in range(201):
        await alice.say("nonsense")
    assert await alice.closed() == CloseCode.TOO_MANY


async def test_sends_beyond_the_limit_are_refused_with_retry_after(fresh_servers, cast, device):
    [strict] = fresh_servers(1, SENDS_PER_SECOND="1")
    alice = await device(strict, cast.alice).join()
    for number in range(3):
        assert (await alice.send(cast.chat, "x"))["seq"] == number + 1
    with pytest.raises(Refusal, match="rate_limited") as refused:
        await alice.send(cast.chat, "too fast")
    assert 0 < refused.value.event["retry_after"] <= 1
