"""Whether the storage can be used, for readiness probes: they come often, and must not wait."""

import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

from apps.core.errors import StorageUnavailable
from apps.core.storage import object_storage

# Between two checks; probes in between get the last result.
INTERVAL_S = 10.0
WAIT_TIMEOUT_S = 0.5


class StorageProbe:
    """Checks in a thread of its own: resolving the name of a server has no time limit."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="storage-probe")
        self._lock = threading.Lock()
        self._check: Future[None] | None = None
        self._began = 0.0

    def state(self) -> str:
        """ "ok" or "unavailable", at most INTERVAL_S old. Waits for WAIT_TIMEOUT_S at most."""
        with self._lock:
            if self._check is None or (self._check.done() and self._is_old()):
                self._began = time.monotonic()
                self._check = self._thread.submit(_check)
            check = self._check
        try:
            check.result(WAIT_TIMEOUT_S)
        except (TimeoutError, StorageUnavailable):
            return "unavailable"
        return "ok"

    def forget(self) -> None:
        """Check again at the next probe."""
        self._check = None

    def _is_old(self) -> bool:
        return time.monotonic() - self._began > INTERVAL_S


def _check() -> None:
    object_storage().check()


storage_probe = StorageProbe()
