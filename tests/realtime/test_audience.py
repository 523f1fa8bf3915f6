"""Audience: no client receives frames of other people's chats, checked on the raw frames."""

import asyncio
from uuid import uuid4

import pytest

from tests.support.client import Refusal
from tests.support.live import database
from tests.support.people import person


async def refused(call):
    with pytest.raises(Refusal) as refusal:
        await call
    return refusal.value.event


async def test_outsiders_never_receive_a_frame_of_others(servers, cast, device):
    alice = await device(servers[0], cast.alice).join()
    bob = await device(servers[1], cast.bob).join()
    outsiders = [
        await device(server, user).join()
        for server in servers
        for user in (cast.charlie, cast.dana)
    ]
    chat = str(cast.chat)
    secret = uuid4().hex
    await alice.send(chat, secret)
    await bob.has(chat, 1)
    await bob.call("receipts", positions=[{"chat": chat, "read": 1}])
    await bob.call("chat.marks", chat=chat, muted=True)
    async with alice.http() as http:
        version = alice.state.me["version"]
        renamed = await http.patch("me", json={"version": version, "name": f"n{secret}"})
        assert renamed.status_code == 200
    await bob.knows(lambda state: state.contacts[str(cast.alice.id)]["person"]["name"] != "Alice")
    place = (chat, str(cast.bob.id))
    await alice.knows(lambda state: state.positions.get(place) == (1, 1))
    await bob.cut()
    # A fence: once this has come, everything sent to the outsiders before has come too.
    friend = await device(servers[0], database(person, f"eve-{uuid4().hex[:8]}")).join()
    for stranger in (cast.charlie, cast.dana):
        await friend.call("contact.invite", person=str(stranger.id))
    for outsider in outsiders:
        await outsider.knows(lambda state: len(state.contacts) > 0)
    for outsider in outsiders:
        raw = "".join(outsider.frames)
        for private in (chat, secret, str(cast.bob.id), str(cast.alice.id)):
            assert private not in raw


async def test_a_strangers_commands_get_the_replies_of_absent_chats(one_server, cast, device):
    charlie = await device(one_server, cast.charlie).join()
    bob = await device(one_server, cast.bob).join()
    answers = []
    for chat in (str(cast.chat), str(uuid4())):
        text = {"chat": chat, "client_id": str(uuid4()), "text": "let me in"}
        answers.append(
            [
                await refused(charlie.call("send", ref="1", **text)),
                await refused(charlie.call("chat.marks", ref="2", chat=chat, pinned=True)),
                await charlie.call("receipts", ref="3", positions=[{"chat": chat, "read": 1}]),
            ]
        )
    assert answers[0] == answers[1]
    assert answers[0][0]["code"] == answers[0][1]["code"] == "not_found"
    await bob.send(cast.chat, "fence")
    await bob.has(cast.chat, 1)
    assert bob.state.texts(str(cast.chat)) == ["fence"]


async def test_a_blocked_person_cannot_write(one_server, cast, device):
    dana = await device(one_server, cast.dana).join()
    answer = await refused(dana.call("chat.direct", person=str(cast.alice.id)))
    assert answer["code"] == "not_contacts"
    answer = await refused(dana.call("contact.invite", person=str(cast.alice.id)))
    assert answer["code"] == "not_found"


async def test_presence_is_sent_to_contacts_only(servers, cast, device):
    alice = await device(servers[0], cast.alice).join()
    charlie = await device(servers[0], cast.charlie).join()
    dana = await device(servers[1], cast.dana).join()
    here = str(cast.bob.id)
    bob = await device(servers[1], cast.bob).join()
    await alice.knows(lambda state: state.presence.get(here) is True)
    await bob.knows(lambda state: state.presence.get(str(cast.alice.id)) is True)
    await bob.leave()
    await alice.knows(lambda state: state.presence.get(here) is False)
    for outsider in (charlie, dana):
        await outsider.resume()
        assert outsider.state.presence == {}


async def test_presence_is_not_sent_after_a_contact_ends(servers, cast, device):
    alice = await device(servers[0], cast.alice).join()
    bob = await device(servers[1], cast.bob).join()
    him, her = str(cast.bob.id), str(cast.alice.id)
    await alice.knows(lambda state: state.presence.get(him) is True)
    await bob.knows(lambda state: state.presence.get(her) is True)
    await alice.call("contact.remove", person=him)
    await alice.knows(lambda state: state.presence.get(him) is False)
    await bob.knows(lambda state: state.presence.get(her) is False)
    came = len(bob.events)
    tablet = await device(servers[0], cast.alice).join()
    await bob.resume()
    assert not [event for event in bob.events[came:] if event["type"] == "presence"]
    assert tablet.state.presence.get(him, False) is False


async def test_a_person_with_one_device_left_stays_online(servers, cast, device):
    alice = await device(servers[0], cast.alice).join()
    phone, laptop = device(servers[0], cast.bob), device(servers[1], cast.bob)
    await asyncio.gather(phone.join(), laptop.join())
    here = str(cast.bob.id)
    await alice.knows(lambda state: state.presence.get(here) is True)
    came = len(alice.events)
    await phone.leave()
    # Longer than the grace period for a reload.
    assert not await alice.lost(within=5)
    presence_events = [event for event in alice.events[came:] if event["type"] == "presence"]
    assert presence_events == []
