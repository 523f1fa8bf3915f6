"""Access of outsiders: one row for every command. A new command without a row fails here."""

from typing import Any, get_args
from uuid import UUID, uuid4

from apps.accounts.models import User
from apps.chats.actions import groups
from apps.chats.models import Chat
from apps.wire.commands import AnyCommand
from tests.support.client import Device, Refusal
from tests.support.live import database
from tests.support.people import in_touch, person

# Commands on a chat: their other fields. A member may execute them in this order.
IN_A_CHAT: dict[str, dict[str, Any]] = {
    "send": {"client_id": str(uuid4()), "text": "hello"},
    "typing": {},
    "edit": {"seq": 4, "text": "hello again"},
    "react": {"seq": 4, "emoji": "🎉"},
    "unreact": {"seq": 4, "emoji": "🎉"},
    "pin": {"seq": 4},
    "unpin": {"seq": 4},
    "save": {"seq": 4},
    "unsave": {"seq": 4},
    "draft": {"text": "half a thou"},
    "command.run": {"client_id": str(uuid4()), "text": "/help"},
    "note.dismiss": {"note": str(uuid4())},
    "delete": {"seq": 4},
    "chat.marks": {"pinned": True},
    "group.rename": {"title": "Another"},
    "chat.retention": {"days": 30},
    "group.picture": {"file": None},
    "member.add": {"people": ["{friend}"]},
    "member.role": {"person": "{friend}", "role": "owner"},
    "member.remove": {"person": "{bob}"},
    "group.leave": {},
}
# The same commands in a direct chat after the contact has ended: the error code, or "" if accepted.
# Accepted ones change only the person's own data, or take back what they said.
PARTED: dict[str, str] = {
    "send": "not_contacts",
    "typing": "not_contacts",
    "edit": "not_contacts",
    "react": "not_contacts",
    "pin": "not_contacts",
    "unpin": "not_contacts",
    "save": "",
    "unsave": "",
    "draft": "",
    "command.run": "not_contacts",
    "note.dismiss": "",
    "chat.marks": "",
    "chat.retention": "not_contacts",
    "unreact": "",
    "delete": "",
    "group.rename": "forbidden",
    "group.picture": "forbidden",
    "member.add": "forbidden",
    "member.role": "forbidden",
    "member.remove": "forbidden",
    "group.leave": "not_possible",
}
# Commands on people: the error code for an outsider, or None if accepted without effect.
OF_PEOPLE: dict[str, tuple[dict[str, Any], str | None]] = {
    "chat.direct": ({"person": "{bob}"}, "not_contacts"),
    "group.create": ({"title": "Mine", "people": ["{bob}"]}, "not_contacts"),
    "contact.greet": ({"person": "{bob}", "text": "hello"}, "not_possible"),
    "contact.accept": ({"person": "{bob}"}, "not_possible"),
    **{
        f"contact.{verb}": ({"person": "{bob}"}, None)
        for verb in ("decline", "cancel", "remove", "unblock", "invite", "block")
    },
}
# Commands whose foreign chats are skipped, or that concern only the person.
OF_NOBODY: dict[str, dict[str, Any]] = {
    "receipts": {"positions": [{"chat": "{chat}", "read": 1, "delivered": 1}]},
    "resume": {"chats": {"{chat}": 0}},
    "presence": {"state": "away"},
}


def filled(value: Any, names: dict[str, Any]) -> Any:
    """The value with placeholders in its texts replaced."""
    if isinstance(value, dict):
        return {filled(name, names): filled(part, names) for name, part in value.items()}
    if isinstance(value, list):
        return [filled(part, names) for part in value]
    return value.format(**names) if isinstance(value, str) else value


async def answer(device: Device, tag: str, fields: dict[str, Any]) -> tuple[str, str]:
    """The code of the error, or "", and its detail."""
    try:
        await device.call(tag, **fields)
    except Refusal as refusal:
        return refusal.code, refusal.event["detail"]
    return "", ""


def a_group(alice: User, bob: User, charlie: User) -> tuple[UUID, User]:
    """Alice's group with Bob, and a friend of both Alice and Charlie."""
    friend = person(f"friend-{uuid4().hex[:8]}")
    in_touch(alice, friend)
    in_touch(charlie, friend)
    return groups.create_group(alice.id, "Crew", [bob.id]), friend


def as_it_is(chat: UUID) -> dict[str, object]:
    return Chat.objects.values().get(id=chat)


def test_every_command_has_a_row():
    tags = {command.__struct_config__.tag for command in get_args(AnyCommand)}
    assert tags == {*IN_A_CHAT, *OF_PEOPLE, *OF_NOBODY}
    assert PARTED.keys() == IN_A_CHAT.keys()


async def test_an_outsiders_commands_change_nothing_and_reveal_nothing(one_server, cast, device):
    crew, friend = database(a_group, cast.alice, cast.bob, cast.charlie)
    names = {"chat": crew, "bob": cast.bob.id, "friend": friend.id}
    alice = await device(one_server, cast.alice).join()
    await alice.send(crew, "what is talked of")
    charlie = await device(one_server, cast.charlie).join()
    before = database(as_it_is, crew)
    for tag, fields in IN_A_CHAT.items():
        fields = filled(fields, names)
        refused = await answer(charlie, tag, {"chat": str(crew)} | fields)
        assert refused == await answer(charlie, tag, {"chat": str(uuid4())} | fields), tag
        assert refused[0] == "not_found", tag
    for tag, fields in OF_NOBODY.items():
        assert await answer(charlie, tag, filled(fields, names)) == ("", ""), tag
    for tag, (fields, code) in OF_PEOPLE.items():
        assert (await answer(charlie, tag, filled(fields, names)))[0] == (code or ""), tag
    assert database(as_it_is, crew) == before
    assert all(str(crew) not in frame for frame in charlie.frames)
    # A member's commands succeed, so no row is refused for another reason.
    for tag, fields in IN_A_CHAT.items():
        assert (await answer(alice, tag, {"chat": str(crew)} | filled(fields, names)))[0] == "", tag


async def test_after_a_contact_ends_no_command_in_the_direct_chat_reaches_the_other(
    one_server, cast, device
):
    chat = str(cast.chat)
    alice, bob = (
        await device(one_server, cast.alice).join(),
        await device(one_server, cast.bob).join(),
    )
    await alice.send(chat, "hello")
    await alice.call("react", chat=chat, seq=1, emoji="👋")
    names = {"bob": cast.bob.id, "friend": cast.charlie.id}

    async def answers() -> dict[str, str]:
        return {
            tag: (await answer(alice, tag, {"chat": chat} | filled(fields, names) | own(tag)))[0]
            for tag, fields in IN_A_CHAT.items()
        }

    def own(tag: str) -> dict[str, Any]:
        seq = {} if "seq" not in IN_A_CHAT[tag] else {"seq": 1}
        return seq | ({"client_id": str(uuid4())} if tag == "send" else {})

    await bob.call("contact.block", person=str(cast.alice.id))
    await alice.until(lambda event: event["type"] == "contact")
    heard = len(bob.events)
    assert await answers() == PARTED
    # Bob has received what Alice took back, and nothing else.
    await bob.call("draft", chat=chat, text="a fence")
    came = [event for event in bob.events[heard:] if event.get("chat") == chat]
    assert {event["type"] for event in came} <= {"message", "ack", "draft"}
    assert [event["message"]["deleted"] for event in came if event["type"] == "message"] == [True]
