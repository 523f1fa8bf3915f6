"""Devices come and go."""

from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID

from django.db import transaction

from apps.accounts.actions import streams
from apps.core.errors import Invalid, NotFound, NotPossible
from apps.core.limits import PUSH_DEVICES, limited
from apps.notifications.gateways import gateway
from apps.notifications.gateways.base import Destination
from apps.notifications.models import Subscription

MAX_DEVICES = 20


@limited(PUSH_DEVICES)
def subscribe(
    user_id: UUID,
    *,
    session_key: str,
    endpoint: str,
    keys: Mapping[str, str],
    name: str = "",
    through: str = "webpush",
) -> Subscription:
    """Push to this device from now on, as long as the session it asks in holds. Asking again
    changes nothing but the session, the keys and the name.

    A device is one person's: who shows the same keys is the same browser, signed in as somebody
    else; other keys on a known endpoint are refused. A session is one browser, whose push service
    may give it another endpoint: the one before is dead then. Raises Invalid, NotPossible.
    """
    destination = Destination(endpoint, dict(keys))
    try:
        host = gateway(through).check(destination)
    except KeyError as error:
        raise Invalid("This server has no such gateway.", pointer="#/gateway") from error
    hashed = sha256(endpoint.encode()).hexdigest()
    with transaction.atomic():
        # Of two devices that come at once, the second is counted with the first.
        streams.lock([user_id])
        known = Subscription.objects.select_for_update().filter(endpoint_hash=hashed).first()
        if known is not None and known.user_id != user_id:
            if known.keys != destination.keys:
                raise NotPossible("This endpoint belongs to another device.")
            known.delete()
            known = None
        mine = Subscription.objects.filter(user_id=user_id)
        replaced = mine.filter(session_id=session_key, gateway=through)
        replaced.exclude(endpoint_hash=hashed).delete()
        if known is None and mine.count() >= MAX_DEVICES:
            mine.order_by("created_at")[:1].get().delete()
        row, _ = Subscription.objects.update_or_create(
            endpoint_hash=hashed,
            defaults={
                "user_id": user_id,
                "session_id": session_key,
                "gateway": through,
                "endpoint": endpoint,
                "host": host,
                "keys": destination.keys,
                "name": name,
            },
        )
    return row


@limited(PUSH_DEVICES)
def unsubscribe(user_id: UUID, subscription_id: UUID) -> None:
    """Push no more to one of the person's devices. Raises NotFound."""
    gone, _ = Subscription.objects.filter(id=subscription_id, user_id=user_id).delete()
    if not gone:
        raise NotFound
