"""Token buckets: how much a connection, a person or an address may ask for."""

from collections import OrderedDict
from collections.abc import Hashable
from time import monotonic

MAX_KEYS = 10_000


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


class Buckets:
    """A bucket for each key. Bounded: the longest unused key is forgotten first."""

    def __init__(self, *, rate: float, size: float) -> None:
        self._rate = rate
        self._size = size
        self._buckets: OrderedDict[Hashable, Bucket] = OrderedDict()

    def take(self, key: Hashable) -> float:
        """As `Bucket.take`, for `key`."""
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(rate=self._rate, size=self._size)
            if len(self._buckets) > MAX_KEYS:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        return bucket.take()
