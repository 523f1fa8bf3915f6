"""What all bodies are made of."""

from typing import Annotated

from msgspec import Meta, Struct

# Hours and minutes of local time.
ClockTime = Annotated[str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Seq = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Rev = Annotated[int, Meta(ge=0, le=2**53 - 1)]


class Body(Struct, frozen=True, kw_only=True, gc=False):
    """Base of all bodies: immutable, sent in full, unknown fields ignored when read."""
