"""How workers and beat come back to a broker that was away."""

from typing import Any

from celery.app.amqp import AMQP
from kombu import Connection

# Kombu waits two seconds longer after each attempt, up to half a minute: after an outage of minutes
# pushes would be that late.
MAX_RECONNECT_WAIT_S = 4


class BrokerConnection(Connection):
    """A connection that is tried again every few seconds, however long the broker is away."""

    def ensure_connection(self, *args: Any, **options: Any) -> Any:
        """Connect, and try again until it works, as in Kombu."""
        return super().ensure_connection(*args, **{"interval_max": MAX_RECONNECT_WAIT_S} | options)


class BrokerAccess(AMQP):
    """What the Celery application connects with."""

    Connection = BrokerConnection
