"""Ids of everything public: UUIDv7 (RFC 9562), in time order, nothing to guess or count."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A fresh UUIDv7."""
    return uuid7()
