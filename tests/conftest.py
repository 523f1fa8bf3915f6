"""Fixtures that every test may ask for."""

from tests.support.live import servers, site
from tests.support.servers import server, start_server

__all__ = ["server", "servers", "site", "start_server"]
