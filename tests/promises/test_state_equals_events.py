"""For every action, by socket and by HTTP: snapshot plus events equal a fresh snapshot."""

from itertools import product
from typing import NamedTuple
from uuid import uuid4

import pytest

from apps.accounts.models import User
from apps.contacts.actions import contacts
from tests.support.people import in_touch, person

ACTIONS = {
    "send": lambda p: ("send", {"chat": p["chat"], "client_id": str(uuid4()), "text": "Hello"}),
    "mention": lambda p: (
        "send",
        {"chat": p["chat"], "client_id": str(uuid4()), "text": f"Hello @{p['other name']}"},
    ),
    "mention, then delete": lambda p: ("delete", {"chat": p["chat"], "seq": 4}),
    "read": lambda p: ("receipts", {"positions": [{"chat": p["chat"], "read": 2}]}),
    "delivered": lambda p: ("receipts", {"positions": [{"chat": p["chat"], "delivered": 3}]}),
    "direct": lambda p: ("chat.direct", {"person": p["friend"]}),
    "pin": lambda p: ("chat.marks", {"chat": p["chat"], "pinned": True}),
    "archive": lambda p: ("chat.marks", {"chat": p["chat"], "archived": True}),
    "mute": lambda p: ("chat.marks", {"chat": p["chat"], "muted": True}),
    "unread": lambda p: ("chat.marks", {"chat": p["chat"], "marked_unread": True}),
    "unread, then send": lambda p: ACTIONS["send"](p),
    "unread, then read": lambda p: ACTIONS["read"](p),
    "invite": lambda p: ("contact.invite", {"person": p["stranger"]}),
    "accept": lambda p: ("contact.accept", {"person": p["asking"]}),
    "decline": lambda p: ("contact.decline", {"person": p["asking"]}),
    "cancel": lambda p: ("contact.cancel", {"person": p["asked"]}),
    "remove": lambda p: ("contact.remove", {"person": p["other"]}),
    "block": lambda p: ("contact.block", {"person": p["other"]}),
    "unblock": lambda p: ("contact.unblock", {"person": p["blocked"]}),
    "rename": lambda p: ("me", {"name": "New Name", "about": "New, too"}),
}


async def over_the_socket(device, kind, fields):
    await device.call(kind, **fields)


async def over_http(device, kind, fields):
    fields = dict(fields)
    async with device.http() as http:
        if kind == "me":
            version = device.state.me["version"]
            answer = await http.patch("me", json={"version": version, **fields})
        elif kind == "send":
            answer = await http.post(f"chats/{fields.pop('chat')}/messages", json=fields)
        elif kind == "delete":
            answer = await http.delete(f"chats/{fields['chat']}/messages/{fields['seq']}")
        elif kind == "receipts":
            answer = await http.post("receipts", json=fields)
        elif kind == "chat.direct":
            answer = await http.post("chats/direct", json=fields)
        elif kind == "chat.marks":
            answer = await http.patch(f"chats/{fields.pop('chat')}/marks", json=fields)
        else:
            verb = kind.removeprefix("contact.")
            answer = await http.post(f"contacts/{fields['person']}/{verb}")
    assert answer.is_success, answer.text


CHANNELS = {"socket": over_the_socket, "http": over_http}


class People(NamedTuple):
    """Alice, who acts; the other, with whom she talks; and all ids."""

    alice: User
    other: User
    ids: dict[str, str]


@pytest.fixture
def people(cast):
    """Alice and Bob in their chat, and one person for every contact state towards Alice."""
    friend, asking, asked = (person(f"{uuid4().hex[:8]}") for _ in range(3))
    in_touch(cast.alice, friend)
    contacts.invite(asking.id, cast.alice.id)
    contacts.invite(cast.alice.id, asked.id)
    ids = {
        "chat": cast.chat,
        "other": cast.bob.id,
        "other name": cast.bob.username,
        "friend": friend.id,
        "asking": asking.id,
        "asked": asked.id,
        "stranger": cast.charlie.id,
        "blocked": cast.dana.id,
    }
    return People(cast.alice, cast.bob, {name: str(id_) for name, id_ in ids.items()})


async def before(action, device, ids):
    """What the person did before."""
    if action.startswith("unread,"):
        await device.call("chat.marks", chat=ids["chat"], marked_unread=True)
    if action.startswith("mention,"):
        kind, fields = ACTIONS["mention"](ids)
        await device.call(kind, **fields)


async def catch_up_with(old, fresh):
    """Wait until a device has reached the cursors of a fresh one."""

    def there(state):
        known = fresh.state
        return state.user >= known.user and all(
            state.cursors.get(chat, -1) >= rev for chat, rev in known.cursors.items()
        )

    await old.knows(there)


async def positions_of(device, chat):
    async with device.http() as http:
        items = (await http.get(f"chats/{chat}/positions")).json()["items"]
    return {(chat, one["person"]): (one["read"], one["delivered"]) for one in items}


async def check(old, fresh, chat):
    await catch_up_with(old, fresh)
    assert old.state.view() == fresh.state.view()
    async with fresh.http() as http:
        page = (await http.get(f"chats/{chat}/messages")).json()["items"]
    assert [old.state.messages[chat][entry["seq"]] for entry in page] == page
    positions = await positions_of(fresh, chat)
    await old.knows(
        lambda state: {key: state.positions.get(key, (0, 0)) for key in positions} == positions
    )


# Profiles are changed over HTTP alone.
ACTIONS_BY_CHANNEL = [each for each in product(ACTIONS, CHANNELS) if each != ("rename", "socket")]
# One of each form of a request. (A device that catches up meets all of them, below.)
OVER_HTTP = ("send", "read", "direct", "pin", "accept", "rename")


def pytest_generate_tests(metafunc):
    """All actions by both channels with `--long`; else by the socket, and some over HTTP."""
    if "channel" in metafunc.fixturenames:
        is_long = metafunc.config.getoption("long")
        chosen = [
            (action, channel)
            for action, channel in ACTIONS_BY_CHANNEL
            if is_long or channel == "socket" or action in OVER_HTTP
        ]
        metafunc.parametrize(("action", "channel"), chosen)


async def test_snapshot_plus_events_equal_a_fresh_snapshot(
    servers, device, people, action, channel
):
    kind, fields = ACTIONS[action](people.ids)
    chat = people.ids["chat"]
    # Bob's three texts come as events; Alice's second device is on the other server.
    alice = await device(servers[0], people.alice).join()
    tablet = await device(servers[1], people.alice).join()
    bob = await device(servers[1], people.other).join()
    for text in ("one", "two", "three"):
        await bob.send(chat, text)
    await before(action, alice, people.ids)
    await CHANNELS[channel](alice, kind, fields)
    for old, server in ((alice, servers[1]), (tablet, servers[0]), (bob, servers[0])):
        user = people.other if old is bob else people.alice
        fresh = await device(server, user).join()
        await check(old, fresh, chat)
    assert alice.resumes == tablet.resumes == bob.resumes == 1


@pytest.mark.parametrize("action", ACTIONS)
async def test_an_offline_device_catches_up_to_a_fresh_snapshot(servers, device, people, action):
    kind, fields = ACTIONS[action](people.ids)
    chat = people.ids["chat"]
    away = await device(servers[0], people.alice).join()
    await away.cut()
    alice = await device(servers[1], people.alice).join()
    bob = await device(servers[1], people.other).join()
    for text in ("one", "two", "three"):
        await bob.send(chat, text)
    await before(action, alice, people.ids)
    await over_http(alice, kind, fields)
    await away.join()
    fresh = await device(servers[0], people.alice).join()
    assert away.state.view() == fresh.state.view()
    assert away.of_type("snapshot") == away.events[1:2]
