"""DRF's throttle for reads over the API. Changes are limited by their actions."""

from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from apps.core import limits
from apps.core.authentication import person_id

IDEMPOTENCY_KEY = "Idempotency-Key"

if TYPE_CHECKING:
    from rest_framework.views import APIView


class ReadThrottle(BaseThrottle):
    """Counts all GET requests of a person together, and those that may be repeats: the limit of an
    action does not count the response that it gave before."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Count the request. Raises RateLimited with the time to wait."""
        repeats = request.method in ("GET", "HEAD") or IDEMPOTENCY_KEY in request.headers
        if repeats and request.user is not None:
            limits.check(limits.READS, person_id(request))
        return True
