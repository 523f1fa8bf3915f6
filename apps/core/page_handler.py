"""Django's handler of HTTP requests, with middleware and views in one step of one thread."""

from typing import Any, cast

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase


class PageHandler(ASGIHandler):
    """Serves requests by views and middleware that are all synchronous.

    Django's own handler runs each half of a middleware that could be asynchronous, and the view, as
    a step of its own: each is a task and two switches between the event loop and a thread.
    """

    def load_middleware(self, is_async: bool = False) -> None:
        """Load the middleware as functions that call each other."""
        super().load_middleware(is_async=False)

    async def run_get_response(self, request: HttpRequest) -> HttpResponseBase:
        """The response, made in the thread of the request."""
        response: Any = await sync_to_async(self.get_response)(request)
        response._handler_class = self.__class__
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size
        return cast(HttpResponseBase, response)
