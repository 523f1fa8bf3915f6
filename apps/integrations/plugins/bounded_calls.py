"""Calls functions of plugins for which somebody waits: of commands, actions and pages.

Each call has a thread, as it may never return. A plugin is not paused for such calls, as it is for
its hooks: people could have it paused by what they send.
"""

from collections.abc import Callable
from concurrent.futures import Future, wait
from contextvars import copy_context
from functools import wraps
from typing import Literal, ParamSpec, TypeVar

from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import connection
from django.http import Http404
from django.utils.timezone import get_current_timezone
from django.utils.timezone import override as override_zone
from django.utils.translation import get_language, override

from apps.core.errors import Refused, Unavailable
from apps.core.metrics import PLUGIN_CALLS
from apps.integrations.plugins.threads import BoundedThreads

P = ParamSpec("P")
T = TypeVar("T")
# The longest that somebody waits for a plugin.
TIMEOUT_S = 5.0
# Of one part of a plugin at the same time. One more waits for this long.
MAX_AT_ONCE = 8
WAIT_S = 2.5
# What refuses, as a plugin should.
ANSWERS = (Refused, Http404, PermissionDenied, SuspiciousOperation, BadRequest)


class BoundedCalls:
    """The calls of one part of a plugin."""

    def __init__(self, plugin: str, part: Literal["command", "action", "page"]) -> None:
        self._plugin, self._part = plugin, part
        self._threads = BoundedThreads(f"plugin-{plugin}-{part}", MAX_AT_ONCE)

    def bounded(self, function: Callable[P, T]) -> Callable[P, T]:
        """The function, called in a thread, in the language and the time zone of its caller.

        Raises what the function raises, and Unavailable if it has not returned within TIMEOUT_S, or
        while MAX_AT_ONCE others do not end. What is late may still be carried out.
        """

        @wraps(function)
        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            if connection.in_atomic_block:
                # Another connection would not see what this transaction wrote.
                return function(*args, **kwargs)
            return self._result(lambda: function(*args, **kwargs))

        return call

    def _result(self, function: Callable[[], T]) -> T:
        found: Future[T] = Future()
        context = copy_context()
        # Django keeps these for each thread, whatever the context is.
        language, zone = get_language(), get_current_timezone()

        def work() -> None:
            try:
                with override(language), override_zone(zone):
                    found.set_result(function())
            except BaseException as error:
                found.set_exception(error)

        # Back to the pool while this thread waits: the other one needs a connection.
        connection.close()
        if not self._threads.start(lambda: context.run(work), wait_s=WAIT_S):
            raise self._unavailable("busy")
        if not wait([found], TIMEOUT_S).done:
            raise self._unavailable("late")
        self.count_end(found.exception())
        return found.result()

    def count_end(self, error: BaseException | None) -> None:
        """Count a call that ended in time, with this error or without one."""
        self.count("failed" if error and not isinstance(error, ANSWERS) else "done")

    def count(self, outcome: str) -> None:
        """Count a call."""
        PLUGIN_CALLS.labels(self._plugin, self._part, outcome).inc()

    def _unavailable(self, outcome: str) -> Unavailable:
        self.count(outcome)
        return Unavailable(retry_after=WAIT_S)
