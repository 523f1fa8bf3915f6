"""Opaque places in a list: what a page ended with, signed so that nobody makes their own."""

from typing import TypeVar

import msgspec
from django.core import signing

from apps.core.errors import Invalid

T = TypeVar("T")
SALT = "parley.cursor"


def encode(place: object) -> str:
    """A cursor that holds `place` (any value msgspec can write as JSON)."""
    text = msgspec.json.encode(place).decode()
    return signing.dumps(text, salt=SALT, compress=True)


def decode(cursor: str, kind: type[T]) -> T:
    """The place in a cursor. Raises Invalid when we did not write it."""
    try:
        return msgspec.json.decode(signing.loads(cursor, salt=SALT), type=kind)
    except (signing.BadSignature, msgspec.DecodeError):
        raise Invalid("This cursor is not from here.", pointer="#/cursor") from None
