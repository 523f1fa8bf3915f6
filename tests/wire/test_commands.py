"""Invalid commands: a typed error with the command's ref, and no change."""

import json
from typing import Any, get_args
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.chats.models import Chat, Message
from apps.core.errors import Invalid
from apps.wire.close_codes import CloseCode
from apps.wire.codec import decode, ref_of
from apps.wire.commands import AnyCommand
from apps.wire.limits import MAX_FRAME_BYTES
from tests.support.client import Refusal
from tests.support.live import database

COMMANDS = {command.__struct_config__.tag: command for command in get_args(AnyCommand)}
# A valid value of each field, by its name on the wire.
GOOD: dict[str, Any] = {
    "ref": "r",
    "files": [str(uuid4())],
    "file": str(uuid4()),
    "epoch": None,
    "chats": {},
    "user": 0,
    "held": {str(uuid4()): {"first": 1, "last": 2, "hash": "0123456789abcdef"}},
    "chat": str(uuid4()),
    "person": str(uuid4()),
    "client_id": str(uuid4()),
    "text": "hello",
    "expected": "hell",
    "seq": 1,
    "note": str(uuid4()),
    "reply_to": 1,
    "emoji": "🎉",
    "title": "Crew",
    "days": 30,
    "people": [str(uuid4())],
    "role": "admin",
    "state": "away",
    "positions": [{"chat": str(uuid4()), "read": 1}],
    "pinned": True,
    "archived": True,
    "muted": True,
    "visible": True,
    "muted_until": "2030-01-01T00:00:00Z",
    "base_at": "2030-01-01T00:00:00Z",
    "notify": "mentions",
    "marked_unread": True,
    "unread_from": 3,
}
WRONG: list[Any] = [None, True, 7, -1, 1.5, "x", "", [], [1], {}, {"a": 1}, "🎉" * 40]


def good(tag: str) -> dict[str, Any]:
    """A valid command of this type, with every field."""
    fields = (field.encode_name for field in msgspec.structs.fields(COMMANDS[tag]))
    return {"type": tag} | {name: GOOD[name] for name in fields}


def fields_of(tag: str) -> list[str]:
    return [name for name in good(tag) if name != "type"]


def test_every_command_is_decoded_as_declared():
    for tag, command in COMMANDS.items():
        assert type(decode(json.dumps(good(tag)))) is command


@pytest.mark.parametrize("tag", COMMANDS)
def test_a_missing_field_is_named(tag):
    for field in msgspec.structs.fields(COMMANDS[tag]):
        if field.required:
            frame = good(tag)
            del frame[field.encode_name]
            with pytest.raises(Invalid, match=field.encode_name):
                decode(json.dumps(frame))


@pytest.mark.parametrize("tag", COMMANDS)
def test_an_unknown_field_is_refused(tag):
    with pytest.raises(Invalid, match="admin"):
        decode(json.dumps(good(tag) | {"admin": True}))


@pytest.mark.parametrize("tag", COMMANDS)
def test_a_field_of_a_wrong_type_is_refused(tag):
    for name in fields_of(tag):
        right = type(GOOD[name])
        for value in WRONG:
            if type(value) is right or value is None:
                continue
            if isinstance(value, dict | list) and not value and right in (dict, list):
                continue
            with pytest.raises(Invalid):
                decode(json.dumps(good(tag) | {name: value}))


@settings(deadline=None)
@given(st.text())
def test_any_text_is_decoded_or_refused_as_invalid(frame):
    ref_of(frame)
    with pytest.raises(Invalid):
        decode(frame)


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        max_leaves=20,
    )
)
def test_any_json_is_refused_as_invalid(value):
    with pytest.raises(Invalid):
        decode(json.dumps(value))


@pytest.mark.parametrize(
    "frame",
    [
        "[" * 100_000,
        '{"type":"send","ref":"r","text":' + "[" * 5_000 + "]" * 5_000 + "}",
        '{"type":"send","ref":"r","text":"\\ud800","chat":"x","client_id":"y"}',
        '{"type":"send","type":"resume","ref":"r"}',
        '{"ref":"r"}',
        '{"type":"constructor","ref":"r"}',
        "null",
    ],
)
def test_hostile_json_is_refused(frame):
    with pytest.raises(Invalid):
        decode(frame)


async def test_an_error_repeats_the_ref_and_changes_nothing(one_server, cast, device):
    alice = await device(one_server, cast.alice).join()
    for tag in COMMANDS:
        with pytest.raises(Refusal) as refused:
            await alice.call(tag, unheard_of=1)
        assert refused.value.code == "invalid"
    for text in ("", "  \n ", "x" * 100_000, "a\x00b"):
        with pytest.raises(Refusal) as refused:
            await alice.send(cast.chat, text)
        assert refused.value.code in ("empty", "too_long", "invalid")
    await alice.send(cast.chat, "𝒙" * 99_999)
    assert database(lambda: Message.objects.filter(chat_id=cast.chat).count()) == 1
    assert database(lambda: Chat.objects.get(id=cast.chat).rev) == 1


async def test_a_binary_frame_closes_the_connection(one_server, cast, device):
    alice = await device(one_server, cast.alice).join()
    await alice.say(b'{"type":"send"}')
    assert await alice.closed() == CloseCode.PROTOCOL


async def test_a_frame_over_the_limit_closes_the_connection(one_server, cast, device):
    alice = await device(one_server, cast.alice).join()
    await alice.say("x" * (MAX_FRAME_BYTES + 1))
    assert await alice.closed() == 1009


async def test_a_connection_that_ignores_errors_is_closed(one_server, cast, device):
    alice = await device(one_server, cast.alice).join()
    for _ in range(300):
        await alice.say("garbage")
    assert await alice.closed() == CloseCode.TOO_MANY
