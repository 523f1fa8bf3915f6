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
