"""A collector of traces: receives OTLP over HTTP, and reads it with OpenTelemetry's own types."""

import gzip
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from tests.support.web import Page, serving


class Span(NamedTuple):
    """One received span."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, Any]


class Collector:
    """Keeps the spans that it received."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.bodies: list[bytes] = []
        self.endpoint = ""
        self._arrived = threading.Condition()

    def receive(self, page: Page) -> None:
        """One export request."""
        body = page.body
        if page.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        request = ExportTraceServiceRequest.FromString(body)
        with self._arrived:
            self.bodies.append(body)
            self.spans += _spans(request)
            self._arrived.notify_all()
        page.say(
            ExportTraceServiceResponse().SerializeToString(),
            Content_Type="application/x-protobuf",
        )

    def wait_for(self, condition: Callable[[], bool], within: float = 60.0) -> None:
        """Return once the received spans make the condition true."""
        with self._arrived:
            assert self._arrived.wait_for(condition, within), self.spans

    def tree(self, span: Span) -> Any:
        """The name of a span, or with those of its children, sorted."""
        children = [self.tree(each) for each in self.spans if each.parent == span.id]
        return (span.name, *sorted(children, key=str)) if children else span.name


def _spans(request: ExportTraceServiceRequest) -> Iterator[Span]:
    for resource in request.resource_spans:
        named = {each.key: each.value.string_value for each in resource.resource.attributes}
        for scope in resource.scope_spans:
            for span in scope.spans:
                attributes = {
                    each.key: getattr(each.value, str(each.value.WhichOneof("value")))
                    for each in span.attributes
                }
                yield Span(
                    named["service.name"],
                    span.name,
                    span.trace_id.hex(),
                    span.span_id.hex(),
                    span.parent_span_id.hex(),
                    attributes,
                )


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector on loopback until the block ends."""
    collector = Collector()
    with serving(collector.receive) as web:
        collector.endpoint = web.origin
        yield collector
