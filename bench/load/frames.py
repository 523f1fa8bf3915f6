"""Frames that clients send: a text of 256 bytes, and an id that contains the message's number."""

import os
from collections.abc import Callable

from bench.load.client import ChatClient
from chatproject.load.framing import encode_frame

TEXT = ("Nothing is ever lost, everything is instant. " * 6)[:256]
_SAMPLE_ID = "01981c00-0000-7000-8000-000000000000"
_SAMPLE_TIME = "2026-01-01T12:00:00.123456Z"

FrameFactory = Callable[[ChatClient, int], bytes]


class MessageIds:
    """Client ids of one window: a random part, unique to the window, and the message's number."""

    def __init__(self) -> None:
        self.stem = f"{os.urandom(4).hex()}-0000-4000-8000-"

    def number(self, client_id: str) -> int | None:
        """The number in a client id, or None for a message of another window."""
        return int(client_id[24:], 16) if client_id.startswith(self.stem) else None


def send_frames(ids: MessageIds) -> FrameFactory:
    """A factory of frames with a `send` command."""
    after = f'","text":"{TEXT}"}}'.encode()

    def make_frame(client: ChatClient, number: int) -> bytes:
        digits = f"{number:012x}"
        return encode_frame(
            f'{{"type":"send","chat":"{client.chat.id}","client_id":"{ids.stem}{digits}",'
            f'"ref":"{digits}'.encode()
            + after
        )

    return make_frame


def event_frames(ids: MessageIds) -> FrameFactory:
    """A factory of frames with the `message` event that the product would send.

    For the ceiling, which echoes frames. It acknowledges nothing, so a message counts as
    acknowledged once it is sent.
    """

    def make_frame(client: ChatClient, number: int) -> bytes:
        chat = client.chat
        seq = chat.head + number + 1
        chat.acknowledged.append(seq)
        return encode_frame(
            f'{{"type":"message","chat":"{chat.id}","rev":{seq},"message":{{"seq":{seq},'
            f'"rev":{seq},"id":"{_SAMPLE_ID}","kind":"text","sender":"{_SAMPLE_ID}",'
            f'"client_id":"{ids.stem}{number:012x}","text":"{TEXT}","at":"{_SAMPLE_TIME}"}}}}'.encode()
        )

    return make_frame
