"""Opaque page cursors: the last item's position, signed so that clients cannot forge one."""

from collections.abc import Callable
from typing import TypeVar

import msgspec
from django.core import signing

from apps.core.errors import Invalid

T = TypeVar("T")
SALT = "parley.cursor"


def page(found: list[T], limit: int, place: Callable[[T], object]) -> tuple[list[T], str | None]:
    """The first `limit` of up to `limit` + 1 found items, and the cursor of the next page.

    `place` is the position of an item, where the next page begins; None: this is the last page.
    """
    if len(found) <= limit:
        return found, None
    items = found[:limit]
    return items, encode(place(items[-1]))


def encode(place: object) -> str:
    """A cursor that holds `place` (any value that msgspec can encode as JSON)."""
    text = msgspec.json.encode(place).decode()
    return signing.dumps(text, salt=SALT, compress=True)


def decode(cursor: str, kind: type[T]) -> T:
    """The place in a cursor. Raises Invalid for a cursor that `encode` did not make."""
    try:
        return msgspec.json.decode(signing.loads(cursor, salt=SALT), type=kind)
    except (signing.BadSignature, msgspec.DecodeError):
        raise Invalid("Invalid cursor.", pointer="#/cursor") from None
