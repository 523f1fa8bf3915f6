"""The queue of a WebSocket's messages."""

import asyncio

import pytest

from chatproject.run.web_socket import MessageQueue


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
