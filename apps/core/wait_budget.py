"""How long one request waits: for its turn and for PostgreSQL, all of its waits together.

Each wait has a limit of its own. While PostgreSQL hangs, one request would meet several of them,
one after the other, and be refused after their sum.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

# The client keeps what it sends, and repeats it.
REQUEST_TIMEOUT_S = 2.8
API = "/api/"
READS = ("GET", "HEAD", "OPTIONS")


class WaitBudget:
    """The seconds that one request may still wait. Used by one thread at a time."""

    __slots__ = ("left_s",)

    def __init__(self, seconds: float = REQUEST_TIMEOUT_S) -> None:
        self.left_s = seconds

    def spend(self, seconds: float) -> None:
        """Count a wait that has ended."""
        self.left_s = max(0.0, self.left_s - seconds)


class _OfThread(threading.local):
    # Not a context variable: tasks that a request starts would inherit what it has left.
    budget: WaitBudget | None = None


_of_thread = _OfThread()


def current_budget() -> WaitBudget | None:
    """The budget of the request that this thread serves; None: only each wait has a limit."""
    return _of_thread.budget


@contextmanager
def spending(budget: WaitBudget | None) -> Iterator[None]:
    """Let this thread wait for PostgreSQL as long as `budget` allows, inside the block."""
    before, _of_thread.budget = _of_thread.budget, budget
    try:
        yield
    finally:
        _of_thread.budget = before


class WaitBudgetMiddleware:
    """Gives each change by the API a budget. Waits for anything else (the storage, another server)
    are not part of it: they have limits of their own."""

    def __init__(self, get_response: "Callable[[HttpRequest], HttpResponse]") -> None:
        self.get_response = get_response

    def __call__(self, request: "HttpRequest") -> "HttpResponse":
        """Pass the request on."""
        if request.method in READS or not request.path.startswith(API):
            return self.get_response(request)
        with spending(WaitBudget(REQUEST_TIMEOUT_S)):
            return self.get_response(request)
