"""Traces that follow one message: from its request or frame to COMMIT, to the hub of each process,
to the connections, and to the pushes. Off unless OTEL_EXPORTER_OTLP_ENDPOINT is set: then
OpenTelemetry is not even imported.

A context is the `traceparent` of W3C Trace Context, "" for what is not traced. It travels in hints
and in memory, never in a row: a lost hint costs a part of a trace.
"""

import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span, Tracer

# How long the end of a process waits for the collector. One that is away would hold the process for
# half a minute, longer than supervisors wait.
STOP_TIMEOUT_S = 2.0
TRACES_ENDPOINT = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
Attributes = Mapping[str, str | int | bool]


class Tracing:
    """The state of this process. `on` is a plain attribute, for hot paths."""

    def __init__(self) -> None:
        self.on = False
        self._tracer: Tracer | None = None
        self._provider: TracerProvider | None = None

    def start(self, service: str, endpoint: str) -> None:
        """Start tracing, if there is an endpoint to send spans to."""
        disabled = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
        if self.on or disabled or not (endpoint or os.environ.get(TRACES_ENDPOINT)):
            return
        if endpoint:  # it may come from a file
            os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        from apps.core.trace_exporter import SpanExporter

        # OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win; the SDK reads the other OTEL_* itself.
        named = {} if "OTEL_SERVICE_NAME" in os.environ else {SERVICE_NAME: service}
        provider = TracerProvider(resource=Resource.create(named), shutdown_on_exit=False)
        self._provider = provider
        provider.add_span_processor(BatchSpanProcessor(SpanExporter()))
        self._tracer = provider.get_tracer("parley")
        self.on = True

    @contextmanager
    def span(
        self, name: str, parent: str, kind: str = "INTERNAL", attributes: Attributes | None = None
    ) -> Iterator["Span | None"]:
        """The block as a span, which is the current one inside. The name of an exception is its
        status: its message may contain what somebody wrote."""
        if not self.on:
            yield None
            return
        from opentelemetry import trace

        span = self.begin(name, parent, kind=kind, attributes=attributes)
        with trace.use_span(
            span, end_on_exit=True, record_exception=False, set_status_on_exception=False
        ):
            try:
                yield span
            except Exception as error:
                span.set_status(trace.StatusCode.ERROR, type(error).__name__)
                raise

    def begin(
        self,
        name: str,
        parent: str,
        *,
        kind: str = "INTERNAL",
        attributes: Attributes | None = None,
        start_ns: int | None = None,
    ) -> "Span":
        """A span that the caller ends. Only while `on`."""
        from opentelemetry.trace import SpanKind

        assert self._tracer is not None  # noqa: S101  # nosec B101  `on`
        return self._tracer.start_span(
            name,
            _context_of(parent),
            kind=SpanKind[kind],
            attributes=attributes,
            start_time=start_ns or time.time_ns(),
        )

    def stop(self) -> None:
        """Send the last spans, and stop tracing. The SDK would wait half a minute for a collector
        that does not answer."""
        self.on = False
        if self._provider is not None:
            stopping = threading.Thread(target=self._provider.shutdown, daemon=True)
            stopping.start()
            stopping.join(STOP_TIMEOUT_S)
            self._provider = None

    def current(self) -> str:
        """The context of the current span."""
        if not self.on:
            return ""
        from opentelemetry import trace

        return of(trace.get_current_span())


tracing = Tracing()


def of(span: "Span") -> str:
    """The context of a span; "" for one that is not sampled."""
    found = span.get_span_context()
    if not (found.is_valid and found.trace_flags.sampled):
        return ""
    return f"00-{found.trace_id:032x}-{found.span_id:016x}-01"


def _context_of(parent: str) -> Any:
    from opentelemetry.context import Context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract({"traceparent": parent}, context=Context())
