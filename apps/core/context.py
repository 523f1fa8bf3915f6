"""What is known of the request or connection that code runs for: its id, for logs and for the
response, and its route, for the metrics."""

import re
from contextvars import ContextVar
from uuid import uuid4

HEADER = b"x-request-id"
# Other values are replaced: they go into log lines.
VALID_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,64}")
NO_ROUTE = "none"


class RequestContext:
    """`kind`: "request" or "connection", as the log calls it."""

    __slots__ = ("id", "kind", "route")

    def __init__(self, kind: str, id_: str) -> None:
        self.kind = kind
        self.id = id_
        # As its pattern: values of a path would make a series each.
        self.route = NO_ROUTE


current: ContextVar[RequestContext | None] = ContextVar("request", default=None)


def begin(kind: str, headers: list[tuple[bytes, bytes]]) -> RequestContext:
    """Make a context the current one, with the id of the request's X-Request-ID or a new one."""
    given = b"".join([value for name, value in headers if name == HEADER][:1]).decode("latin-1")
    context = RequestContext(kind, given if VALID_ID.fullmatch(given) else uuid4().hex)
    current.set(context)
    return context


def current_id() -> str:
    """The id of the current request or connection; "" outside of one."""
    context = current.get()
    return "" if context is None else context.id
