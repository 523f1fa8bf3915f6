"""The interface of a push gateway: it checks a device's address, and sends to it."""

from collections.abc import Mapping
from enum import Enum
from typing import Protocol

from msgspec import Struct


class Outcome(Enum):
    """How one attempt ended."""

    SENT = "sent"
    GONE = "gone"
    """The device will never be reached at this address again."""
    TOO_BIG = "too_big"
    LATER = "later"
    """The attempt failed; a later one may succeed."""
    REFUSED = "refused"
    """Another attempt would be refused again."""


class SendResult(Struct, frozen=True):
    """The result of one attempt. `status` is the host's HTTP status, None without a response;
    `retry_after_s` is how long the host asked to wait."""

    outcome: Outcome
    status: int | None = None
    retry_after_s: float | None = None


class Destination(Struct, frozen=True):
    """Where a device is reached: its address and its keys."""

    endpoint: str
    keys: Mapping[str, str]


class Gateway(Protocol):
    """One way to reach devices. FCM or APNs with an operator's own credentials would be such a
    class."""

    def check(self, destination: Destination) -> str:
        """The host that sending to this destination talks to. Raises Invalid for a destination
        that cannot be used."""

    async def send(
        self, destination: Destination, payload: bytes, *, topic: str, ttl_s: int, urgent: bool
    ) -> SendResult:
        """Hand `payload` to the push host, which keeps it for at most `ttl_s` seconds. It replaces
        an undelivered payload with the same `topic` (at most 32 URL-safe letters).

        Never raises, and never blocks: other pushes share the event loop. The sender cancels it
        after 10 s (`sender.SEND_TIMEOUT_S`) and tries again later.
        """
