"""Spans tell nobody's words, and hold up no process that ends."""

import threading

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased
from opentelemetry.trace import StatusCode

from apps.core import http_requests
from apps.core import tracing as module
from apps.core.http_requests import ObservedRequests
from apps.core.tracing import Tracing


def test_the_words_of_an_exception_are_not_in_its_span():
    exporter, tracing = InMemorySpanExporter(), Tracing()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing._tracer, tracing.on = provider.get_tracer("test"), True
    with pytest.raises(ValueError, match="zyxomma"), tracing.span("send", ""):
        raise ValueError("Failing row contains (zyxomma)")
    [span] = exporter.get_finished_spans()
    assert "zyxomma" not in span.to_json()
    assert span.status.status_code is StatusCode.ERROR
    assert span.status.description == "ValueError"


@pytest.mark.parametrize("continues", [False, True])
async def test_a_stranger_does_not_decide_what_is_traced(continues, monkeypatch):
    """Their `traceparent` says that it is sampled; this server samples nothing."""
    exporter, tracing = InMemorySpanExporter(), Tracing()
    provider = TracerProvider(sampler=ParentBased(ALWAYS_OFF), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing._tracer, tracing.on = provider.get_tracer("test"), True
    monkeypatch.setattr(http_requests, "tracing", tracing)

    async def application(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message):
        pass

    observed = ObservedRequests(
        application, live=frozenset(), static="/static/", continues=continues
    )
    headers = [(b"traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    await observed({"method": "GET", "path": "/", "headers": headers}, None, send)
    assert len(exporter.get_finished_spans()) == continues


def test_a_process_does_not_wait_for_a_collector_that_hangs(monkeypatch):
    class Hanging:
        """A provider whose collector does not answer."""

        answers = threading.Event()

        def shutdown(self) -> None:
            """Wait for it."""
            self.answers.wait()

    monkeypatch.setattr(module, "STOP_TIMEOUT_S", 0.01)
    tracing = Tracing()
    tracing._provider = Hanging()
    tracing.stop()
    assert not tracing.on
    Hanging.answers.set()
