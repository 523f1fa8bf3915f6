"""Fixtures of the realtime tests."""

from tests.support.live import *  # noqa: F403  its list of fixtures
