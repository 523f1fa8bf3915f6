"""A token bucket: how much one connection may ask for."""

from time import monotonic


class Bucket:
    """`rate` tokens a second flow in, up to `size`."""

    __slots__ = ("_at", "_rate", "_size", "_tokens")

    def __init__(self, *, rate: float, size: float) -> None:
        self._rate = rate
        self._size = size
        self._tokens = size
        self._at = monotonic()

    def take(self) -> float:
        """Take one token and answer 0, or the seconds until there will be one."""
        now = monotonic()
        self._tokens = min(self._size, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens >= 1:
            self._tokens -= 1
            return 0
        return (1 - self._tokens) / self._rate
