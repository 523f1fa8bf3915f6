"""A token bucket: allows a burst, then a steady rate."""

from time import monotonic


class TokenBucket:
    """Refills at `rate` tokens per second, up to `size`."""

    __slots__ = ("_at", "_rate", "_size", "_tokens")

    def __init__(self, *, rate: float, size: float) -> None:
        self._rate = rate
        self._size = size
        self._tokens = size
        self._at = monotonic()

    @property
    def full(self) -> bool:
        """Whether the bucket is full, so that it can be dropped: a new one would be the same."""
        return self._tokens + (monotonic() - self._at) * self._rate >= self._size

    @property
    def left(self) -> int:
        """How many whole tokens the last `acquire` left."""
        return int(self._tokens)

    @property
    def more_in(self) -> float:
        """Seconds from the last `acquire` until there is one token more; 0 for a full bucket."""
        if self._tokens >= self._size:
            return 0
        return (1 - self._tokens % 1) / self._rate

    def acquire(self, amount: float = 1) -> float:
        """Remove `amount` tokens and return 0, or return the seconds until they are available."""
        now = monotonic()
        self._tokens = min(self._size, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens >= amount:
            self._tokens -= amount
            return 0
        return (amount - self._tokens) / self._rate
