"""Which hosts a request may name."""

from django.conf import settings
from django.http import HttpRequest, HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware

METRICS = "/metrics"


class HostCheck(CommonMiddleware):
    """Django's, which refuses hosts that ALLOWED_HOSTS does not name.

    Prometheus asks each process by its address, which nobody can list. Where a token decides who
    reads the metrics, the host does not matter.
    """

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        """Refuse other hosts."""
        if request.path_info == METRICS and settings.METRICS_TOKEN:
            return None
        return super().process_request(request)
