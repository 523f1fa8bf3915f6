"""Fixtures of the wire tests: real servers, as for the realtime tests."""

from tests.support.live import *  # noqa: F403  its list of fixtures
