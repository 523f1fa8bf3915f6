"""A token bucket: so much at once, and so much a second after that."""

from time import monotonic


class TokenBucket:
    """`rate` tokens a second flow in, up to `size`."""

    __slots__ = ("_at", "_rate", "_size", "_tokens")

    def __init__(self, *, rate: float, size: float) -> None:
        self._rate = rate
        self._size = size
        self._tokens = size
        self._at = monotonic()

    @property
    def full(self) -> bool:
        """Whether nothing is missing: a new bucket would be the same."""
        return self._tokens + (monotonic() - self._at) * self._rate >= self._size

    def acquire(self, amount: float = 1) -> float:
        """Take so many tokens and return 0, or the seconds until they will be there."""
        now = monotonic()
        self._tokens = min(self._size, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens >= amount:
            self._tokens -= amount
            return 0
        return (amount - self._tokens) / self._rate
