"""Fixtures that every test may ask for."""

from tests.support.browser import chromium
from tests.support.live import servers
from tests.support.servers import server, start_server

__all__ = ["chromium", "server", "servers", "start_server"]
