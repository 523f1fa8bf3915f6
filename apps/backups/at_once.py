"""Copies several files at a time: most of the time, servers are waited for."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

# Each needs room for its file on the disk of FILES_ROOT, and for another one if it is encrypted.
COPIERS = 4
T = TypeVar("T")


def several_at_once(jobs: Iterable[Callable[[], T]]) -> Iterator[T]:
    """The results of jobs in their order. Few are begun before they are needed, so memory does not
    grow with their number. Raises what a job raises, once those that have begun are over."""
    waiting: deque[Future[T]] = deque()
    with ThreadPoolExecutor(COPIERS) as pool:
        for job in jobs:
            if len(waiting) == COPIERS:
                yield waiting.popleft().result()
            waiting.append(pool.submit(job))
        while waiting:
            yield waiting.popleft().result()
