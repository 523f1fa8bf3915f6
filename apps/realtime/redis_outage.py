"""One outage of Redis is one outage in the log of a process, whichever part of it meets it."""

import logging

from apps.core.outage_log import OutageLog

# Some calls may succeed while others time out: a success between two failures is not the end.
redis_outage = OutageLog(logging.getLogger(__name__), "Redis", settle_s=5.0)
