"""What a person sees when an action refuses what a page asked for, and the view says nothing of its
own about it."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.core import problems
from apps.core.errors import NotFound, RateLimited, Unavailable

# Refusals that look alike wherever they come from.
HAS_A_PAGE = (NotFound, RateLimited)


class RefusedPagesMiddleware:
    """Answers with the page of 404, 429 or 503 when a view raises NotFound, RateLimited or
    Unavailable, as the API answers with a problem document. Other refusals are the view's: it knows
    where its form is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Called with what a view has raised."""
        if isinstance(error, NotFound):
            return problems.not_found(request, error)
        if isinstance(error, RateLimited | Unavailable):
            response = render(request, f"{error.status}.html", status=error.status)
            # RFC 6585, section 4, and RFC 9110, section 10.2.3
            response["Retry-After"] = str(error.retry_after_s)
            return response
        return None
