"""One shared record of Redis outages, so that a process logs each outage once."""

import logging

from apps.core.outage_log import OutageLog

# Some calls may succeed while others time out: one success does not end the outage.
redis_outage = OutageLog(logging.getLogger(__name__), "Redis", of="redis", settle_s=5.0)
