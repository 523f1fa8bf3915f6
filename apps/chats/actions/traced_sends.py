"""A batch of sends with a span for each traced one: one transaction, and a picture for each message
of how long it took. docs/decisions/0091."""

from collections.abc import Sequence

from msgspec.structs import replace

from apps.chats.actions.messages import Sent, send_batch
from apps.chats.actions.send_writer import SendRequest
from apps.core.errors import Refused
from apps.core.tracing import of, tracing


def send_traced(requests: Sequence[SendRequest], *, lock_timeout_ms: int) -> list[Sent | Refused]:
    """As `send_batch`. What follows from a message continues the trace of its commit."""
    spans = [tracing.begin("commit", each.trace) if each.trace else None for each in requests]
    traced = [
        each if span is None else replace(each, trace=of(span))
        for each, span in zip(requests, spans, strict=True)
    ]
    outcomes: Sequence[Sent | Refused | None] = [None] * len(requests)
    try:
        outcomes = found = send_batch(traced, lock_timeout_ms=lock_timeout_ms)
    finally:
        for span, outcome in zip(spans, outcomes, strict=True):
            if span is None:
                continue
            span.set_attribute("parley.batch_size", len(requests))
            if isinstance(outcome, Sent):
                span.set_attributes(
                    {
                        "parley.message": str(outcome.id),
                        "parley.chat": str(outcome.chat),
                        "parley.seq": outcome.seq,
                    }
                )
            else:
                span.set_attribute("parley.outcome", outcome.code if outcome else "failed")
            span.end()
    return found
