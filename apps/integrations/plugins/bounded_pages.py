"""The pages of plugins, within a time limit."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.urls import URLPattern, URLResolver

from apps.core.errors import Unavailable
from apps.integrations.plugins.bounded_calls import TIMEOUT_S, BoundedCalls

View = Callable[..., HttpResponseBase]
AsyncView = Callable[..., Awaitable[HttpResponseBase]]
Route = URLPattern | URLResolver


def bound_pages(plugin: str, routes: Route) -> Route:
    """The same routes, whose views return in time: if not, a page that says 503 stands in their
    place."""
    _bound(BoundedCalls(plugin, "page"), routes)
    return routes


def _bound(calls: BoundedCalls, route: Route) -> None:
    if isinstance(route, URLResolver):
        for each in route.url_patterns:
            _bound(calls, each)
    elif iscoroutinefunction(route.callback):
        route.callback = _bounded_async(calls, route.callback)
    else:
        route.callback = _bounded(calls, route.callback)


def _bounded(calls: BoundedCalls, view: View) -> View:
    @calls.bounded
    def drawn(*args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(*args, **kwargs)
        if hasattr(response, "render") and callable(response.render):
            # Its template may take as long as the view.
            response.render()
        return response

    @wraps(view)
    def page(*args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return drawn(*args, **kwargs)
        except Unavailable:
            return _unavailable()

    return page


def _bounded_async(calls: BoundedCalls, view: AsyncView) -> AsyncView:
    @wraps(view)
    async def page(*args: Any, **kwargs: Any) -> HttpResponseBase:
        limit = asyncio.timeout(TIMEOUT_S)
        try:
            async with limit:
                response = await view(*args, **kwargs)
        except Exception as error:
            # The view may raise a TimeoutError of its own, too.
            if limit.expired():
                calls.count("late")
                return _unavailable()
            calls.count_end(error)
            raise
        calls.count_end(None)
        return response

    return page


def _unavailable() -> HttpResponse:
    return HttpResponse(render_to_string("503.html"), status=Unavailable.status)
