"""`/metrics`: the metrics of `apps.core.metrics` for Prometheus."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector

from apps.backups.queries import newest
from apps.core import metrics, problems, task_queues
from apps.core.database import refusal_of
from apps.core.errors import NotFound
from apps.core.health import redis_probe
from apps.files.queries.storage_use import total_use
from apps.graph.queries import health as graph
from apps.integrations.queries.outgoing_states import count_by_state
from apps.notifications.queries import ledger_stats
from chatproject.counters import counters
from chatproject.health import heartbeats, waiting
from chatproject.health.components import components
from chatproject.health.readers import may_read

PUSH_WINDOW = timedelta(hours=1)


class StoreCollector(Collector):
    """The metrics that are read from the stores. What cannot be read is left out."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yields a gauge for each."""
        yield from _of_components()
        yield from _of_redis()
        try:
            yield from list(_of_database())
        except Error as error:
            refusal_of(error)


def _of_components() -> Iterator[GaugeMetricFamily]:
    known = {each.name: each for each in components() if each.state not in ("unknown", "off")}
    yield metrics.COMPONENTS.family({name: float(each.works) for name, each in known.items()})


def _of_redis() -> Iterator[GaugeMetricFamily]:
    # These would wait for its name without a limit.
    works = redis_probe.state() == "ok"
    lengths = task_queues.queue_lengths(metrics.QUEUES) if works else None
    yield metrics.TASKS_WAITING.family(None if lengths is None else {**lengths})
    yield metrics.TASKS_OLDEST.family(task_queues.oldest_waits(metrics.QUEUES) if works else None)
    ages = (heartbeats.ages() if works else None) or {}
    done = {queue: ages[queue] for queue in metrics.QUEUES if queue in ages}
    yield metrics.TASKS_DONE_AGE.family(done)
    yield metrics.BEAT_AGE.family(ages.get(heartbeats.BEAT))


def _of_database() -> Iterator[GaugeMetricFamily]:
    yield metrics.QUEUE_AGE.family(waiting.queue_ages())
    yield metrics.SEARCH_LAG.family(waiting.search_lag())
    states, late = ledger_stats.count_by_state(PUSH_WINDOW)
    yield metrics.PUSHES.family({**states})
    yield metrics.PUSHES_LATE.family(late)
    yield from _of_backups()
    yield metrics.WEBHOOKS.family({**count_by_state()})
    if settings.GRAPH_TENANT:
        found = graph.health()
        yield metrics.GRAPH_SUBSCRIPTIONS.family(found.subscriptions)
        yield metrics.GRAPH_PRESENCE_AGE.family(found.age_s)
    _, kinds = total_use()
    yield metrics.STORAGE_BYTES.family(sum(each.bytes for each in kinds))


def _of_backups() -> Iterator[GaugeMetricFamily]:
    found, now = newest.status(newest.scheduled_destination()), timezone.now()
    if (last := found.newest) and last.point_at and last.finished_at:
        yield metrics.BACKUP_AGE.family((now - last.point_at).total_seconds())
        yield metrics.BACKUP_SECONDS.family((last.finished_at - last.began_at).total_seconds())
        yield metrics.BACKUP_BYTES.family(last.bytes)
    if found.proven and found.proven.drilled_at:
        yield metrics.DRILL_AGE.family((now - found.proven.drilled_at).total_seconds())
        yield metrics.DRILL_SECONDS.family(found.proven.drill_seconds)


@require_safe
def view(request: HttpRequest) -> HttpResponse:
    """The metrics in text format; 404 for callers who may not read them."""
    if not may_read(request):
        return problems.response(NotFound())
    stores = CollectorRegistry()
    stores.register(StoreCollector())
    return HttpResponse(counters() + generate_latest(stores), content_type=CONTENT_TYPE_LATEST)
