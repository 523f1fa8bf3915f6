"""Several devices of one person, on two servers, end in the same state."""

import asyncio
import random


async def test_devices_of_one_person_converge(servers, cast, device):
    devices = [device(servers[n % 2], cast.alice) for n in range(3)]
    bob = device(servers[1], cast.bob)
    await asyncio.gather(*(one.join() for one in (*devices, bob)))
    chat = str(cast.chat)
    order = random.Random(5)

    async def use(one):
        for number in range(12):
            await one.send(chat, f"{number}")
            mark = order.choice(("pinned", "archived", "muted", "marked_unread"))
            await one.call("chat.marks", chat=chat, **{mark: order.random() < 0.5})
            seq = order.randrange(0, 60)
            await one.call("receipts", positions=[{"chat": chat, "read": seq}])

    await asyncio.gather(*(use(one) for one in devices), *(bob.send(chat, "b") for _ in range(12)))
    fresh = await device(servers[0], cast.alice).join()
    expected = fresh.state

    def there(state):
        return (state.user, state.cursors[chat]) >= (expected.user, expected.cursors[chat])

    for one in devices:
        await one.knows(there)
    held = [one.state.chats[chat] for one in devices]
    assert held == [expected.chats[chat]] * 3
    assert len({tuple(one.state.texts(chat)) for one in devices}) == 1


async def test_the_sender_sees_their_own_message_once_on_each_device(servers, cast, device):
    phone = await device(servers[0], cast.alice).join()
    laptop = await device(servers[1], cast.alice).join()
    ack = await phone.send(cast.chat, "mine")
    for one in (phone, laptop):
        await one.has(cast.chat, 1)
        messages = one.of_type("message")
        assert [event["message"]["id"] for event in messages] == [ack["id"]]
