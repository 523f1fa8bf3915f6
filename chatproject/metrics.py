"""`/metrics`: counters of this server for Prometheus. They contain nothing that people wrote."""

import os
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from apps.core import problems
from apps.core.errors import NotFound
from apps.notifications.queries import ledger_stats

PUSH_WINDOW = timedelta(hours=1)
# The folder in which the processes of this machine share their counters (prometheus_client).
MULTIPROCESS_DIR = "PROMETHEUS_MULTIPROC_DIR"
FORWARDING_HEADERS = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_VIA")


class PushCollector(Collector):
    """Counts the pushes of the last hour by state, from the ledger."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yields a gauge with one value for each state."""
        gauge = GaugeMetricFamily(
            "parley_pushes", "Pushes decided on in the last hour.", labels=["state"]
        )
        for state, number in ledger_stats.count_by_state(PUSH_WINDOW).items():
            gauge.add_metric([state], number)
        yield gauge


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics in text format; 404 for callers who may not read them."""
    if not _is_allowed(request):
        return problems.response(NotFound())
    ledger = CollectorRegistry()
    ledger.register(PushCollector())
    return HttpResponse(_counters() + generate_latest(ledger), content_type=CONTENT_TYPE_LATEST)


def _counters() -> bytes:
    if MULTIPROCESS_DIR not in os.environ:
        return generate_latest(REGISTRY)
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    return generate_latest(shared)


def _is_allowed(request: HttpRequest) -> bool:
    """Whether the request has METRICS_TOKEN. Without such a setting: whether it comes from this
    machine, and through no proxy."""
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "")
        return constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}")
    if any(name in request.META for name in FORWARDING_HEADERS):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
