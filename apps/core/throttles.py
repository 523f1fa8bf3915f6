"""How often a person may read over the API. What changes something is limited by its action."""

from typing import TYPE_CHECKING

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from apps.core import limits
from apps.core.authentication import person_id

if TYPE_CHECKING:
    from rest_framework.views import APIView


class ReadThrottle(BaseThrottle):
    """Counts GET requests of a person, whichever they are."""

    def allow_request(self, request: Request, view: "APIView") -> bool:
        """Count it. Raises RateLimited, which says how long to wait."""
        if request.method in ("GET", "HEAD") and request.user is not None:
            limits.check(limits.READS, person_id(request))
        return True
