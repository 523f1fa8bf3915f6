"""What a gateway is: it checks where a device wants to be reached, and reaches it."""

from collections.abc import Mapping
from enum import Enum
from typing import Protocol

from msgspec import Struct


class Outcome(Enum):
    """How one attempt ended."""

    SENT = "sent"
    GONE = "gone"
    """The device will never be reached there again."""
    TOO_BIG = "too_big"
    LATER = "later"
    REFUSED = "refused"
    """Repeating it would be refused again."""


class SendResult(Struct, frozen=True):
    """`status` is the host's HTTP status, None without an answer; `after` the seconds it asked
    to wait."""

    result: Outcome
    status: int | None = None
    after: float | None = None


class Destination(Struct, frozen=True):
    """Where a device is reached: an address and the keys of the device."""

    endpoint: str
    keys: Mapping[str, str]


class Gateway(Protocol):
    """One way of pushing. FCM or APNs with an operator's own credentials are classes like this."""

    def check(self, destination: Destination) -> str:
        """The host that is asked for this destination. Raises Invalid for one that is not taken."""

    async def send(
        self, destination: Destination, payload: bytes, *, topic: str, ttl_s: int, urgent: bool
    ) -> SendResult:
        """Hand `payload` over, to be kept by the host at most `ttl_s` seconds, in the place of an
        undelivered one with the same `topic` (at most 32 URL-safe letters).

        Never raises, and never blocks: other pushes share the event loop. The sender cancels it
        after 10 s (`sender.SEND_TIMEOUT_S`) and tries again later.
        """
