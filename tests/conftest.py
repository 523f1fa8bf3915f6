"""Fixtures that every test may ask for."""

from tests.support.emptying import use_for_all_tests
from tests.support.live import servers, site
from tests.support.servers import server, start_server

__all__ = ["server", "servers", "site", "start_server"]

use_for_all_tests()
