"""Public ids: UUIDv7 (RFC 9562), ordered by time, impossible to guess or count."""

from datetime import datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A new UUIDv7."""
    return uuid7()


def first_id_at(moment: datetime) -> UUID:
    """The smallest id that `new_id` can make at `moment`: ids made before are smaller."""
    return UUID(int=int(moment.timestamp() * 1000) << 80 | 0x7 << 76 | 0b10 << 62)


def made_up_id() -> UUID:
    """An id for a made-up person or chat: a UUIDv7 of the first millisecond of 1970. No real
    one can get such an id, and the database finds all of them by a range."""
    return UUID(int=uuid7().int & (1 << 80) - 1)


# All made-up ids are smaller, all others larger.
MADE_UP_END = UUID(int=1 << 80)
