"""Whether something can be used, for health checks: they come often, and must not wait."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

logger = logging.getLogger(__name__)
# How long a caller waits for a new result. After a check of CHECK_TIMEOUT_S the old one is no good.
WAIT_TIMEOUT_S, CHECK_TIMEOUT_S = 0.5, 5.0


class Probe:
    """Checks in a thread of its own: resolving the name of a server has no time limit.

    Between two checks are `interval_s`; callers in between get the last result.
    """

    def __init__(
        self,
        name: str,
        check: Callable[[], object],
        *,
        failures: tuple[type[Exception], ...],
        interval_s: float,
        wait_s: float | None = None,
    ) -> None:
        """`check` raises one of `failures` if the thing cannot be used; of any other exception the
        log has all. `wait_s`: instead of WAIT_TIMEOUT_S."""
        self._name = name
        self.interval_s = interval_s
        self._wait_s = wait_s
        self._check_it = check
        self._failures = failures
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"{name}-probe")
        self._lock = threading.Lock()
        self._check: Future[object] | None = None
        self._began = 0.0
        self._succeeded_at: float | None = None
        self._last = "unknown"
        # Of the last check; None after a success, or when it takes too long.
        self.failure: BaseException | None = None

    def state(self) -> str:
        """The result of the last check: "ok" or "unavailable", before the first one "unknown".
        Waits for a time limit at most."""
        with self._lock:
            age = time.monotonic() - self._began
            if self._check is None or (self._check.done() and age > self.interval_s):
                age, self._began = 0.0, time.monotonic()
                self._check = self._thread.submit(self._run)
            check = self._check
        wait([check], WAIT_TIMEOUT_S if self._wait_s is None else self._wait_s)
        if not check.done():
            if age > CHECK_TIMEOUT_S:
                self._last, self.failure = "unavailable", None
            return self._last
        error = check.exception()
        self._last, self.failure = "ok" if error is None else "unavailable", error
        return self._last

    def success_age_s(self) -> float | None:
        """Seconds since this process last found that it can be used."""
        return None if self._succeeded_at is None else time.monotonic() - self._succeeded_at

    def forget(self) -> None:
        """Check again at the next probe."""
        self._check, self._last, self._succeeded_at = None, "unknown", None
        self.failure = None

    def _run(self) -> None:
        try:
            self._check_it()
        except self._failures:
            raise
        except Exception:
            # One broken part must not take away the health of the others.
            logger.exception("the check of %s failed", self._name)
            raise
        self._succeeded_at = time.monotonic()
