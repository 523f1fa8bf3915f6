"""A device that stops reading delays no other, and is complete after it reconnects."""

import socket

import psutil

from apps.wire.close_codes import CloseCode
from tests.support.client import Device
from tests.support.ledger import reorders

LONG = "x" * 99_999
AMOUNT = 90
# Limit of one such peer, far above its buffer in the server; the kernel's buffers do not count.
MAX_MEMORY_BYTES = 60 * 1024 * 1024


def small_buffers(address: str) -> socket.socket:
    """A socket with small receive buffers in the kernel."""
    made = socket.socket()
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8_192)
    host, port = address.removeprefix("http://").split(":")
    made.connect((host, int(port)))
    made.setblocking(False)
    return made


async def test_a_device_that_stops_reading_is_closed_and_others_miss_nothing(
    one_server, cast, device
):
    slow: Device = device(one_server, cast.bob)
    await slow.join(sock=small_buffers(one_server.url))
    bob = await device(one_server, cast.bob).join()
    alice = await device(one_server, cast.alice).join()
    slow.stop_reading()
    process = psutil.Process(one_server.pid)
    memory = process.memory_info().rss
    for _ in range(AMOUNT):
        await alice.send(cast.chat, LONG)
    for other in (bob, alice):
        await other.has(cast.chat, AMOUNT)
        assert len(other.of_type("message")) == AMOUNT
        assert other.resumes == 1
    assert process.memory_info().rss - memory < MAX_MEMORY_BYTES
    slow.read_again()
    assert await slow.closed() == CloseCode.TOO_SLOW
    assert len(slow.of_type("message")) < AMOUNT
    await slow.cut()
    await slow.join()
    await slow.has(cast.chat, AMOUNT)
    # More than a megabyte was missed: the newest are there, history has the rest.
    assert slow.of_type("gap")
    held = slow.state.texts(str(cast.chat))
    assert 0 < len(held) < AMOUNT
    assert set(held) == {LONG}
    async with slow.http() as http:
        page = (await http.get(f"chats/{cast.chat}/messages?limit=100")).json()
        assert [entry["seq"] for entry in page["items"]] == [*range(AMOUNT - 10, AMOUNT + 1)]
    assert reorders(slow) == 0
