"""Spans tell nobody's words, and hold up no process that ends."""

import threading

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from apps.core import tracing as module
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
