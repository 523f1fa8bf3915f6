"""Whether this process has been asked to stop, and so takes no new work.

Set by the signal handler of a web process (`chatproject.run.web`) and by Celery's of a worker
(`chatproject.celery`); only tests clear it.
"""


class Draining:
    """A flag without a lock, in place of an `Event`: a second signal may come while the handler of
    the first one sets it, and would wait for itself."""

    def __init__(self) -> None:
        self._is_set = False

    def is_set(self) -> bool:
        """Whether the process drains."""
        return self._is_set

    def set(self) -> None:
        """It drains from now on."""
        self._is_set = True

    def clear(self) -> None:
        """For tests, whose process goes on."""
        self._is_set = False


draining = Draining()
