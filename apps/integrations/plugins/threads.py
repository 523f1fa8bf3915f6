"""Threads for code that may never return: a bounded number of each plugin, which end with the
process."""

import logging
import threading
import time
from collections.abc import Callable

from django.db import connection

logger = logging.getLogger(__name__)
MAX_THREADS = 4


class BoundedThreads:
    """At most `most` threads at a time. One that never returns keeps its place."""

    def __init__(self, name: str, most: int = MAX_THREADS) -> None:
        self._name = name
        self._free = threading.BoundedSemaphore(most)
        self._most = most
        # When the work in each thread began.
        self._began: dict[object, float] = {}

    def all_hang(self, for_s: float) -> bool:
        """Whether all places are taken by work that has taken longer than this."""
        began = list(self._began.values())
        return len(began) == self._most and max(began) < time.monotonic() - for_s

    def start(self, work: Callable[[], None], *, wait_s: float = 0) -> bool:
        """Run `work` in a thread. Returns False, and runs nothing, if all places are taken for this
        long."""
        if not self._free.acquire(timeout=wait_s):
            return False
        try:
            # A daemon, so that it does not keep the process from ending.
            threading.Thread(target=self._run, args=(work,), name=self._name, daemon=True).start()
        except RuntimeError:
            self._free.release()
            return False
        return True

    def _run(self, work: Callable[[], None]) -> None:
        key = object()
        self._began[key] = time.monotonic()
        try:
            work()
        except Exception as error:
            logger.error("%s ended with %s", self._name, place_of(error))
        finally:
            try:
                connection.close()
            finally:
                del self._began[key]
                self._free.release()


def place_of(error: BaseException) -> str:
    """The type of an error and the line that raised it: its text may have words of a message."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return type(error).__name__
    code = trace.tb_frame.f_code
    return f"{type(error).__name__} at {code.co_filename}:{trace.tb_lineno}"
