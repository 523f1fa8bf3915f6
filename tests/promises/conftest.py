"""Fixtures of the promise tests, which use the product only by its public interface."""

import pytest

from tests.support.live import *  # noqa: F403  its list of fixtures


@pytest.fixture
def long(pytestconfig: pytest.Config) -> bool:
    """Whether `--long` was given."""
    return bool(pytestconfig.getoption("--long", default=False))
