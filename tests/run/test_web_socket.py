"""What uvicorn's WebSocket protocol is replaced with: the queue of messages, the wait for a slow
peer, and the frame of a text."""

import asyncio

import pytest
from websockets.frames import Frame, Opcode

from chatproject.run.web_socket import MessageQueue, Writable, frame_of


def message(text):
    return {"type": "websocket.receive", "text": text}


async def test_messages_come_in_order_to_a_reader_that_waits_or_comes_later():
    queue = MessageQueue()
    waiting = asyncio.ensure_future(queue.get())
    await asyncio.sleep(0)
    assert queue.empty()
    for text in "abc":
        queue.put_nowait(message(text))
    assert [await waiting, await queue.get(), await queue.get()] == [*map(message, "abc")]
    assert queue.empty()


async def test_a_reader_that_gives_up_loses_no_message():
    queue = MessageQueue()
    waiting = asyncio.ensure_future(queue.get())
    await asyncio.sleep(0)
    queue.put_nowait(message("a"))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await queue.get() == message("a")


async def test_all_who_wait_for_a_slow_peer_go_on_together():
    writable = Writable()
    await writable.wait()
    writable.clear()
    waiting = [asyncio.ensure_future(writable.wait()) for _ in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.sleep(0)
    assert not waiting[1].done()
    writable.set()
    await asyncio.gather(*waiting[1:])
    assert writable.is_set()


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536, 70_000])
def test_a_text_is_framed_as_websockets_does(size):
    for text in ("x" * size, "é" * (size // 2)):
        expected = Frame(Opcode.TEXT, text.encode()).serialize(mask=False)
        assert frame_of(text) == expected
        assert frame_of(text) is frame_of(text)
