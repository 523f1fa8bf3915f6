"""Tells API clients what is left of the limits that a request counted.

`RateLimit-Policy` and `RateLimit` as in draft-ietf-httpapi-ratelimit-headers-10: a list of limits
by name, with `q` uses in `w` seconds, and `r` uses left, more of them in `t` seconds.
"""

from collections.abc import Callable
from math import ceil

from django.http import HttpRequest, HttpResponse

from apps.core import limits


class RateLimitHeadersMiddleware:
    """Adds both headers to responses of the API."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        if not request.path_info.startswith("/api/"):
            return self.get_response(request)
        with limits.noting() as counts:
            response = self.get_response(request)
        # The last count of a limit has what is left now.
        by_name = {count.limit.name: count for count in counts}.values()
        if by_name:
            response["RateLimit-Policy"] = ", ".join(
                f'"{each.limit.name}";q={each.limit.amount};w={ceil(each.limit.seconds)}'
                for each in by_name
            )
            response["RateLimit"] = ", ".join(
                f'"{each.limit.name}";r={each.left};t={ceil(each.more_in)}' for each in by_name
            )
        return response
