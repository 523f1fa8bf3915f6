"""Fixtures of the wire's tests: real servers, as for the live tests."""

from tests.support.live import *  # noqa: F403  its list of fixtures
