"""Keeps a document of the identity provider, fetched by one thread at a time."""

import time
from collections.abc import Callable
from threading import Event, Lock
from typing import Generic, TypeVar

from apps.sso.errors import ProviderUnavailable

T = TypeVar("T")
# A provider that is away must not be asked by every request: each would wait for its timeout.
FAILURE_TTL_S = 10.0
# How long a request waits while another one fetches.
WAIT_TIMEOUT_S = 2.0


class Cached(Generic[T]):
    """One document. After a failed fetch the old one stays in use, and nobody asks for a while."""

    def __init__(self, fetch: Callable[[], T]) -> None:
        self._fetch = fetch
        self._lock = Lock()
        self._value: T | None = None
        self._fetched_at = 0.0
        self._failure: ProviderUnavailable | None = None
        self._failed_at = 0.0
        self._fetching: Event | None = None

    def get(self, *, max_age_s: float, stale_allowed: bool = True) -> T:
        """The document, fetched unless it is younger than `max_age_s`.

        An older one is returned while it cannot be fetched or another thread fetches it, unless
        `stale_allowed` is False. Raises ProviderUnavailable.
        """
        with self._lock:
            now = time.monotonic()
            if self._value is not None:
                if now - self._fetched_at <= max_age_s:
                    return self._value
                if stale_allowed and (self._fetching or self._failed_lately(now)):
                    return self._value
            if self._failure is not None and self._failed_lately(now):
                raise ProviderUnavailable(str(self._failure))
            others = self._fetching
            mine = Event()
            if others is None:
                self._fetching = mine
        if others is not None:
            return self._result_of(others)
        return self._fetch_now(mine, stale_allowed=stale_allowed)

    def _failed_lately(self, now: float) -> bool:
        return self._failure is not None and now - self._failed_at < FAILURE_TTL_S

    def _result_of(self, fetching: Event) -> T:
        finished = fetching.wait(WAIT_TIMEOUT_S)
        with self._lock:
            if not finished or self._failure is not None or self._value is None:
                raise ProviderUnavailable(
                    str(self._failure or "another request still waits for it")
                )
            return self._value

    def _fetch_now(self, mine: Event, *, stale_allowed: bool) -> T:
        try:
            value = self._fetch()
        except ProviderUnavailable as error:
            with self._lock:
                self._failure, self._failed_at = error, time.monotonic()
                if stale_allowed and self._value is not None:
                    return self._value
            raise
        else:
            with self._lock:
                self._value, self._fetched_at, self._failure = value, time.monotonic(), None
            return value
        finally:
            with self._lock:
                self._fetching = None
            mine.set()
