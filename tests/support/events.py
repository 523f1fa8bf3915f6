"""What was published, and to whom."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

from apps.wire import publish
from apps.wire.publish import Publication

Capture = Callable[[], AbstractContextManager[list[Publication]]]


@pytest.fixture
def captured_events(django_capture_on_commit_callbacks) -> Capture:
    """`with captured_events() as events:` gathers what leaves at commit, in order.

    For tests inside a transaction; a test that really commits uses `sink`.
    """

    @contextmanager
    def capture() -> Iterator[list[Publication]]:
        with sink() as events, django_capture_on_commit_callbacks(execute=True):
            yield events

    return capture


@contextmanager
def sink() -> Iterator[list[Publication]]:
    """In place of all other sinks, a list."""
    events: list[Publication] = []
    others, publish.sinks[:] = publish.sinks[:], [events.extend]
    try:
        yield events
    finally:
        publish.sinks[:] = others
