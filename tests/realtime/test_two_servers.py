"""Two people talk through two server processes."""

import asyncio


async def both(servers, cast, device):
    alice = device(servers[0], cast.alice)
    bob = device(servers[1], cast.bob)
    await asyncio.gather(alice.join(), bob.join())
    return alice, bob


async def test_a_message_reaches_the_other_through_another_process(servers, cast, device):
    alice, bob = await both(servers, cast, device)
    ack = await alice.send(cast.chat, "Hello, Bob")
    await bob.has(cast.chat, 1)
    await alice.has(cast.chat, 1)
    [entry] = bob.state.messages[str(cast.chat)].values()
    assert (entry["text"], entry["seq"], entry["id"]) == ("Hello, Bob", 1, ack["id"])
    assert entry["sender"] == str(cast.alice.id)


async def test_a_receipt_reaches_the_other_through_another_process(servers, cast, device):
    alice, bob = await both(servers, cast, device)
    await alice.send(cast.chat, "Seen?")
    await bob.has(cast.chat, 1)
    await bob.call("receipts", positions=[{"chat": str(cast.chat), "read": 1}])
    place = (str(cast.chat), str(cast.bob.id))
    await alice.knows(lambda state: state.positions.get(place) == (1, 1))
