"""Counts and traces HTTP requests, and gives each an id."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.typing import (
    ASGIReceiveCallable,
    ASGISendCallable,
    ASGISendEvent,
    HTTPScope,
)
from django.http import HttpRequest, HttpResponse

from apps.core.context import HEADER, begin, current
from apps.core.metrics import HTTP_REQUESTS, HTTP_SECONDS
from apps.core.tracing import tracing

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
STATIC = "static"

Application = Callable[..., Awaitable[Any]]


class ObservedRequests:
    """An ASGI application that counts and traces the HTTP requests of another one, and gives each
    an id. `live`: the paths of requests that take as long as their client listens. `continues`:
    whether a request continues the trace that it names, as anybody can."""

    def __init__(
        self, application: Application, *, live: frozenset[str], static: str, continues: bool
    ) -> None:
        self._application = application
        self._continues = continues
        self._live = live
        self._static = static

    async def __call__(
        self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        """Pass the request on."""
        context = begin("request", list(scope["headers"]))
        path, status = scope["path"], 0
        method = scope["method"] if scope["method"] in METHODS else "other"
        live = path in self._live
        if live:
            context.route = path.removeprefix("/")
        elif path.startswith(self._static):
            context.route = STATIC
        identity = (HEADER, context.id.encode())

        async def observed_send(message: ASGISendEvent) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], identity]
            await send(message)

        began = time.monotonic()
        try:
            if live or not tracing.on:
                await self._application(scope, receive, observed_send)
                return
            parent = _traceparent(scope) if self._continues else ""
            with tracing.span(method, parent, "SERVER") as span:
                await self._application(scope, receive, observed_send)
                if span is not None:
                    span.update_name(f"{method} {context.route}")
                    span.set_attribute("http.route", context.route)
                    span.set_attribute("http.response.status_code", status)
                    span.set_attribute("parley.request", context.id)
        finally:
            HTTP_REQUESTS.labels(context.route, method, str(status or "none")).inc()
            if not live:
                HTTP_SECONDS.observe(time.monotonic() - began)


def _traceparent(scope: HTTPScope) -> str:
    found = [value for name, value in scope["headers"] if name == b"traceparent"]
    return b"".join(found[:1]).decode("latin-1")


class RouteMiddleware:
    """Tells the context which route Django has found."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> None:
        """Called once the route is known."""
        context = current.get()
        if context is not None and request.resolver_match is not None:
            context.route = request.resolver_match.route or "/"
