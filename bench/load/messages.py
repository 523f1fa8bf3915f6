"""What clients say: 256 bytes of text, and an id that leads back to the message's number."""

import os
from collections.abc import Callable

from bench.load.framing import frame
from bench.load.talker import Talker

TEXT = ("Nothing is ever lost, everything is instant. " * 6)[:256]
_SAMPLE_ID = "01981c00-0000-7000-8000-000000000000"
_SAMPLE_TIME = "2026-01-01T12:00:00.123456Z"

Compose = Callable[[Talker, int], bytes]


class Numbering:
    """Client ids of one window: a random half nobody used before, and the message's number."""

    def __init__(self) -> None:
        self.stem = f"{os.urandom(4).hex()}-0000-4000-8000-"

    def number(self, client_id: str) -> int | None:
        """The message's number, or None for a message of another window."""
        return int(client_id[24:], 16) if client_id.startswith(self.stem) else None


def sends(numbering: Numbering) -> Compose:
    """The `send` command of the protocol as a ready frame."""
    after = f'","text":"{TEXT}"}}'.encode()

    def compose(talker: Talker, number: int) -> bytes:
        digits = f"{number:012x}"
        return frame(
            f'{{"type":"send","chat":"{talker.room.chat}","client_id":"{numbering.stem}{digits}",'
            f'"ref":"{digits}'.encode()
            + after
        )

    return compose


def echoes(numbering: Numbering) -> Compose:
    """For the ceiling, which says again what it hears: the very event that the product sends.

    It acknowledges nothing, so each counts as acknowledged once it is said.
    """

    def compose(talker: Talker, number: int) -> bytes:
        room = talker.room
        seq = room.head + number + 1
        room.acknowledged.append(seq)
        return frame(
            f'{{"type":"message","chat":"{room.chat}","rev":{seq},"message":{{"seq":{seq},'
            f'"rev":{seq},"id":"{_SAMPLE_ID}","kind":"text","sender":"{_SAMPLE_ID}",'
            f'"client_id":"{numbering.stem}{number:012x}","text":"{TEXT}","at":"{_SAMPLE_TIME}"}}}}'.encode()
        )

    return compose
