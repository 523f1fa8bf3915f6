"""Outages in two log lines: one when an outage begins, one when it ends.

    database_outages = OutageLog(logger, "PostgreSQL")
    try:
        work()
    except OperationalError as error:
        database_outages.failed(error)
    else:
        database_outages.recovered()

In an outage of half an hour thousands of calls fail. A line for each would bury all other lines.
"""

import logging
import threading
import time

from apps.core.metrics import OUTAGES


class OutageLog:
    """The state of one dependency, as one caller sees it: available, or failing since some time.

    Thread-safe. While the dependency is available, `recovered` costs one attribute read, so hot
    paths may call it after each success.
    """

    def __init__(
        self, logger: logging.Logger, name: str, *, of: str = "other", settle_s: float = 0.0
    ) -> None:
        """`of`: what the metric of outages calls it. `settle_s`: an outage ends with the first
        success this long after the last failure."""
        self._of = of
        self._logger = logger
        self._settle_s = settle_s
        self._failed_at = 0.0
        self._name = name
        self._lock = threading.Lock()
        self._began: float | None = None
        self._failures = 0

    @property
    def lasts(self) -> bool:
        """Whether it is known to be unavailable."""
        return self._began is not None

    def failed(self, error: BaseException) -> None:
        """Count a failed call; log the first one of an outage."""
        with self._lock:
            self._failures += 1
            self._failed_at = time.monotonic()
            if self._began is not None:
                return
            self._began = time.monotonic()
        OUTAGES.labels(self._of).inc()
        if str(error) in repr(error):
            self._logger.warning("%s is unavailable: %r", self._name, error)
        else:  # errors of redis: their repr does not say that a certificate was refused
            self._logger.warning("%s is unavailable: %s", self._name, error)

    def recovered(self) -> None:
        """Note a successful call; log the end of an outage, its length and its failed calls."""
        if self._began is None:
            return
        if time.monotonic() - self._failed_at < self._settle_s:
            return
        with self._lock:
            began, failures = self._began, self._failures
            self._began, self._failures = None, 0
        if began is not None:
            seconds = time.monotonic() - began
            self._logger.warning(
                "%s is available again after %.1f s and %d failed calls",
                self._name,
                seconds,
                failures,
            )
