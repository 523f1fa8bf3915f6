"""Fixtures of the promises' tests, which know the product only by its public interface."""

import pytest

from tests.support.live import *  # noqa: F403  its list of fixtures


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--long`, for `make faults`."""
    parser.addoption("--long", action="store_true", help="longer, with more faults")


@pytest.fixture
def long(pytestconfig: pytest.Config) -> bool:
    """Whether there is time."""
    return bool(pytestconfig.getoption("--long", default=False))
