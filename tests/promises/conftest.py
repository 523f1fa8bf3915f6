"""Fixtures of the promise tests, which use the product only by its public interface."""

import pytest

from tests.support.live import *  # noqa: F403  its list of fixtures


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--long`, for `make faults`."""
    parser.addoption("--long", action="store_true", help="longer, with more faults")


@pytest.fixture
def long(pytestconfig: pytest.Config) -> bool:
    """Whether `--long` was given."""
    return bool(pytestconfig.getoption("--long", default=False))
