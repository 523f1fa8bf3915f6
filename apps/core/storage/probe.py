"""Whether the storage can be used, for readiness probes: they come often, and must not wait."""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

from apps.core.errors import StorageUnavailable
from apps.core.storage import object_storage

# Between two checks; probes in between get the last result.
INTERVAL_S = 10.0
# How long a probe waits for a new result. After a check of CHECK_TIMEOUT_S the old one is no good.
WAIT_TIMEOUT_S, CHECK_TIMEOUT_S = 0.5, 5.0


class StorageProbe:
    """Checks in a thread of its own: resolving the name of a server has no time limit."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="storage-probe")
        self._lock = threading.Lock()
        self._check: Future[None] | None = None
        self._began = 0.0
        self._last = "unknown"

    def state(self) -> str:
        """The result of the last check: "ok" or "unavailable", before the first one "unknown".
        Waits for WAIT_TIMEOUT_S at most."""
        with self._lock:
            age = time.monotonic() - self._began
            if self._check is None or (self._check.done() and age > INTERVAL_S):
                age, self._began = 0.0, time.monotonic()
                self._check = self._thread.submit(_check)
            check = self._check
        try:
            check.result(WAIT_TIMEOUT_S)
        except StorageUnavailable:
            self._last = "unavailable"
        except TimeoutError:
            if age > CHECK_TIMEOUT_S:
                self._last = "unavailable"
        else:
            self._last = "ok"
        return self._last

    def forget(self) -> None:
        """Check again at the next probe."""
        self._check, self._last = None, "unknown"


def _check() -> None:
    object_storage().check()


storage_probe = StorageProbe()
