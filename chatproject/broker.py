"""How workers and beat come back to a broker that was away, or hung."""

from typing import Any

from celery.app.amqp import AMQP
from kombu import Connection
from kombu.transport import redis, virtual

# Kombu waits two seconds longer after each attempt, up to half a minute: after an outage of minutes
# pushes would be that late.
MAX_RECONNECT_WAIT_S = 4


class Unacknowledged(redis.QoS):
    """The messages that a worker has received. One that cannot be acknowledged takes no place.

    Kombu would count it until the worker ends. A broker that hangs for some seconds breaks no
    connection, so that nothing begins again: a worker whose tasks all ended meanwhile would never
    receive another one.
    """

    def ack(self, delivery_tag: str) -> None:
        """Acknowledge a message. The broker delivers it again if it could not be told."""
        try:
            super().ack(delivery_tag)
        except Exception:
            virtual.QoS.ack(self, delivery_tag)
            raise

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        """Give a message back, in the same way."""
        try:
            super().reject(delivery_tag, requeue=requeue)
        except Exception:
            virtual.QoS.ack(self, delivery_tag)
            raise


class Channel(redis.Channel):
    """A channel of Redis with such messages."""

    QoS = Unacknowledged


class Transport(redis.Transport):
    """Redis, the only broker that there is."""

    Channel = Channel


class BrokerConnection(Connection):
    """A connection that is tried again every few seconds, however long the broker is away."""

    def get_transport_cls(self) -> type[Transport]:
        """The transport, whatever the scheme of the address is."""
        return Transport

    def ensure_connection(self, *args: Any, **options: Any) -> Any:
        """Connect, and try again until it works, as in Kombu."""
        return super().ensure_connection(*args, **{"interval_max": MAX_RECONNECT_WAIT_S} | options)


class BrokerAccess(AMQP):
    """What the Celery application connects with."""

    Connection = BrokerConnection
