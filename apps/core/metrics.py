"""The metrics of Parley, declared once: what counts them imports them from here, and `/metrics`,
docs/metrics.md, the alerts and the dashboards know no others.

No label has a value that people choose, and no name or text of anybody. The values of a label are
known beforehand, except of routes, which the code limits.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.metrics_core import GaugeMetricFamily

LATENCY_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
SIZE_BUCKETS = (0, 1, 10, 100, 1_000, 10_000)


class Metric(Struct, frozen=True):
    """What the documentation says of a metric. `source`: which processes know it."""

    name: str
    kind: str
    help: str
    labels: tuple[str, ...]
    values: tuple[str, ...]
    source: str


METRICS: list[Metric] = []
EACH_PROCESS = "each process counts"
STORES = "read from the stores"


def _declare(
    name: str, kind: str, help_: str, *, label: str = "", values: Sequence[str] = (), source: str
) -> None:
    labels = tuple(label.split())
    METRICS.append(Metric(name, kind, help_, labels, tuple(values), source))


def _started(metric: Any, values: Sequence[str]) -> Any:
    """With a series for each value: a counter that appears with its first event has no increase."""
    for value in values:
        metric.labels(value)
    return metric


def _counter(name: str, help_: str, label: str = "", values: Sequence[str] = ()) -> Counter:
    _declare(f"{name}_total", "counter", help_, label=label, values=values, source=EACH_PROCESS)
    counter: Counter = _started(Counter(name, help_, label.split()), values)
    return counter


def _histogram(name: str, help_: str, buckets: Sequence[float] = LATENCY_BUCKETS_S) -> Histogram:
    _declare(name, "histogram", help_, source=EACH_PROCESS)
    return Histogram(name, help_, buckets=buckets)


def _gauge(name: str, help_: str, label: str = "", values: Sequence[str] = ()) -> Gauge:
    _declare(name, "gauge", help_, label=label, values=values, source=EACH_PROCESS)
    gauge: Gauge = _started(Gauge(name, help_, label.split(), multiprocess_mode="livesum"), values)
    return gauge


class Reading:
    """A gauge that is read from the stores when `/metrics` is requested."""

    def __init__(self, name: str, help_: str, label: str = "", values: Sequence[str] = ()) -> None:
        _declare(name, "gauge", help_, label=label, values=values, source=STORES)
        self._name, self._help, self._labels = name, help_, label.split()

    def family(self, numbers: dict[str, float] | float | None) -> GaugeMetricFamily:
        """What is sent to Prometheus: by the values of the label, or one number. None: unknown."""
        family = GaugeMetricFamily(self._name, self._help, labels=self._labels)
        if isinstance(numbers, dict):
            for value, number in numbers.items():
                family.add_metric([value], number)
        elif numbers is not None:
            family.add_metric([], numbers)
        return family


# --- Messages ------------------------------------------------------------------------------------
SENDS = _counter(
    "parley_sends",
    "Sends by outcome: `committed` is a new message, `repeated` one that was committed before, "
    "`refused` none. Each is acknowledged, or refused, after this.",
    "outcome",
    ("committed", "repeated", "refused"),
)
ACKS = _counter(
    "parley_acks",
    "Acknowledgements of sends and receipts that were handed to live connections.",
    "of",
    ("send", "receipts"),
)
DELIVERY = _histogram(
    "parley_delivery_seconds",
    "From COMMIT until the events of a transaction were written to the connections of a process "
    "that are ready to take more. One observation for each transaction and process.",
)
RECEIPTS = _counter(
    "parley_receipts", "Read and delivered positions that clients reported and that are committed."
)
PLUGIN_HOOKS = _counter(
    "parley_plugin_hooks",
    "Messages that plugins were asked about or told of, by plugin and outcome: before the commit "
    "`passed`, `changed`, `refused`; after it `told`, `lost` (the queue was full). At both: "
    "`failed`, `late`, and `skipped` (the plugin is paused, or its threads hang).",
    "plugin outcome",
)
PLUGIN_CALLS = _counter(
    "parley_plugin_calls",
    "Calls of plugins for which somebody waits, by plugin, part (`command`, `action`, `page`) and "
    "outcome: `done` (also refused), `failed`, `late` (given up), and `busy` (many do not end).",
    "plugin part outcome",
)
# --- Connections ---------------------------------------------------------------------------------
TRANSPORTS = ("websocket", "stream", "poll")
CONNECTIONS = _gauge(
    "parley_connections", "Live connections now, by transport.", "transport", TRANSPORTS
)
RESUME_EVENTS = _histogram(
    "parley_resume_events",
    "Events that a resume sent, because the client had missed them.",
    SIZE_BUCKETS,
)
GAPS_HEALED = _counter(
    "parley_gaps_healed",
    "Streams of which a process missed a hint and read the changes from PostgreSQL.",
)
SPANS_COMPARED = _counter(
    "parley_sync_spans_compared",
    "Ranges of messages that reconnecting clients have compared with the server.",
)
SPANS_MISMATCHED = _counter(
    "parley_sync_spans_mismatched",
    "Ranges that differed and were fetched again. If there is any, look into the log.",
)
# --- HTTP and processes --------------------------------------------------------------------------
HTTP_REQUESTS = _counter(
    "parley_http_requests",
    "HTTP requests by the pattern of their route, their method, and the status of the response. "
    "The live transports are counted when they end.",
    "route method status",
)
HTTP_SECONDS = _histogram(
    "parley_http_request_seconds",
    "From a request to the end of its response, without live transports.",
)
LOOP_LAG = _histogram(
    "parley_event_loop_lag_seconds",
    "How much later than asked the event loop of a web process ran a task, looked at twice a "
    "second. Everything live waits so long.",
)
POOL_WAIT = _counter(
    "parley_database_pool_wait_seconds",
    "Time that threads of web processes have waited for a connection of the pool.",
)
POOL_WAITING = _gauge(
    "parley_database_pool_waiting", "Threads that wait for a connection of the pool now."
)
POOL_CONNECTIONS = _gauge(
    "parley_database_pool_connections", "Connections that the pools of web processes hold."
)
OUTAGES = _counter(
    "parley_outages",
    "Outages that began, as each process saw them: one for each line in the log.",
    "of",
    ("database", "redis", "broker", "storage", "provider", "push_service", "other"),
)
# --- Work that waits -----------------------------------------------------------------------------
QUEUES = ("celery", "files", "push")
WORK = ("push", "previews", "files", "exports", "digests", "webhooks", "commands")
QUEUE_AGE = Reading(
    "parley_queue_age_seconds",
    "How long the oldest work that is due has waited.",
    "work",
    WORK,
)
TASKS_WAITING = Reading(
    "parley_tasks_waiting", "Tasks that no worker has taken yet, by queue.", "queue", QUEUES
)
TASKS_OLDEST = Reading(
    "parley_tasks_oldest_age_seconds",
    "How long the oldest task that no worker has taken yet has waited, by queue.",
    "queue",
    QUEUES,
)
TASKS_DONE_AGE = Reading(
    "parley_tasks_done_age_seconds",
    "How long ago the workers of a queue finished a task. Beat starts some every few seconds.",
    "queue",
    QUEUES,
)
BEAT_AGE = Reading("parley_beat_age_seconds", "How long ago beat started a task.")
SEARCH_LAG = Reading(
    "parley_search_lag_changes", "Changes of messages that the search index does not have yet."
)
PUSHES = Reading(
    "parley_pushes",
    "Pushes recorded in the last hour by their state now: `cancelled` were read in time, "
    "`skipped` by a rule.",
    "state",
    ("skipped", "pending", "cancelled", "released", "sent", "failed"),
)
PUSHES_LATE = Reading(
    "parley_pushes_read_late",
    "Pushes recorded in the last hour whose messages were read after a worker had released them.",
)
DIGESTS = _counter(
    "parley_digests",
    "Digests that were due, by result: `sent`; `empty`: nothing was unread; `later`, `away`: the "
    "mail server did not take this one, or no connection, and it is tried again; `refused`: the "
    "server does not take mail to the address, and the digest is paused.",
    "result",
    ("sent", "empty", "later", "away", "refused"),
)
GRAPH_REQUESTS = _counter(
    "parley_microsoft_requests",
    "Requests to Microsoft Graph, by result.",
    "result",
    ("ok", "throttled", "refused", "unavailable"),
)
GRAPH_NOTIFICATIONS = _counter(
    "parley_microsoft_notifications",
    "Changes that Microsoft Graph told of, by result: `malformed` and `foreign` (a wrong secret) "
    "are dropped at once, `refused` after the check of signatures.",
    "result",
    ("applied", "refused", "foreign", "malformed"),
)
GRAPH_SUBSCRIPTIONS = Reading(
    "parley_microsoft_subscriptions", "Live subscriptions at Microsoft Graph."
)
GRAPH_PRESENCE_AGE = Reading(
    "parley_microsoft_presence_age_seconds",
    "How long ago Microsoft Graph said something of anybody's presence. Absent without any.",
)
WEBHOOK_DELIVERIES = _counter(
    "parley_webhook_deliveries",
    "Attempts to send an event to an outgoing webhook, by result: `failed` ones are repeated for a "
    "day.",
    "result",
    ("delivered", "failed"),
)
COMMAND_CALLS = _counter(
    "parley_command_calls",
    "Runs of slash commands of other servers, by result: `unreachable` ones were not posted, of "
    "`unreadable` ones the answer could not be shown. Their person reads each but `answered`.",
    "result",
    ("answered", "unreachable", "timeout", "error", "unreadable"),
)
WEBHOOKS = Reading(
    "parley_webhooks",
    "Outgoing webhooks that are not paused, by state: `failing` had no success since an attempt "
    "failed, `failed` were given up after a day of that.",
    "state",
    ("working", "failing", "failed"),
)
STORAGE_BYTES = Reading(
    "parley_storage_bytes", "What stored files take, as last counted (once an hour)."
)
BACKUP_AGE = Reading(
    "parley_backup_age_seconds", "How old the newest complete backup is: its point in time."
)
BACKUP_SECONDS = Reading("parley_backup_seconds", "How long the newest backup took.")
BACKUP_BYTES = Reading("parley_backup_bytes", "What the newest backup takes, with its files.")
DRILL_AGE = Reading(
    "parley_backup_drill_age_seconds",
    "How long ago a drill has restored a backup. Absent while none is proven.",
)
DRILL_SECONDS = Reading("parley_backup_drill_seconds", "How long that drill took.")
COMPONENTS = Reading(
    "parley_component_up",
    "1 if a part that `/healthz` names works, 0 if not. Absent while it is unknown or not "
    "configured.",
    "component",
)
