"""Settings that administrators change while the server runs, in the process of a test."""

from collections.abc import Iterator

import pytest

from apps.core import runtime


@pytest.fixture
def runtime_settings(db: None) -> Iterator[None]:
    """After the test, the defaults count again."""
    yield
    runtime._state.known = runtime.NOTHING_SET
    runtime._apply()
